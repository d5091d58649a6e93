package portal

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"sync"
	"time"
	"unicode"

	"sigill/appliance/access"
	"sigill/appliance/desk"
	"sigill/appliance/door/web"
	"sigill/appliance/handbook"
	"sigill/appliance/mail"
	"sigill/appliance/office"
	"sigill/appliance/org"
	"sigill/appliance/passkey"
)

// Desk is the work that the pages ask for; desk.Desk does it.
type Desk interface {
	Look(ctx context.Context, code mail.LinkCode) (desk.Letter, error)
	Again(ctx context.Context, l desk.Letter) (desk.Letter, error)
	AgainIn(tx desk.LetterReads, l desk.Letter) (desk.Letter, error)
	TakeIn(ctx context.Context, l desk.Letter, to mail.Recipient) (mail.ID, error)
	MoveIn(ctx context.Context, r desk.Reader, holder mail.ID, to mail.Resident) (mail.ID, error)
	Admit(ctx context.Context, l desk.Letter, proof string) (desk.Reader, error)
	Open(ctx context.Context, r desk.Reader, holder mail.ID) (*mail.Opened, error)
	File(ctx context.Context, r desk.Reader, holder mail.ID, n uint32) (*desk.File, error)
	EML(ctx context.Context, r desk.Reader, holder mail.ID) (*desk.File, error)
	Reply(ctx context.Context, r desk.Reader, holder mail.ID) (*desk.Writing, error)
	Correspondents(ctx context.Context, r desk.Reader) ([]mail.Resident, error)
	Correspondent(ctx context.Context, r desk.Reader, id mail.ID) (mail.Resident, error)
	WriteIn(ctx context.Context, r desk.Reader, to mail.ID, from mail.Profile, subject func() string) (*desk.Writing, error)
	Answerable(ctx context.Context, m mail.Message) error
	Answers(ctx context.Context, r desk.Reader, holder mail.ID) ([]desk.Answer, error)
	CountOwn(ctx context.Context, r desk.Reader) (desk.Own, error)
	EndOwn(ctx context.Context, r desk.Reader) error
	Done(ctx context.Context, r desk.Reader, holder mail.ID) error
	WrongNumber(ctx context.Context, l desk.Letter) error
	HandIn(ctx context.Context, owner mail.ID, dr *mail.Draft) error
	Repair(ctx context.Context, l desk.Letter) (desk.Reader, []desk.Waiting, error)
	Mend(ctx context.Context, r desk.Reader, via, holder mail.ID, a mail.Address, phone mail.Phone) error

	Write(ctx context.Context, r desk.Reader, mailbox mail.ID, form mail.Form) (mail.ID, error)
	WriteBack(ctx context.Context, r desk.Reader, holder mail.ID, form mail.Form) (mail.ID, error)
	Draft(ctx context.Context, r desk.Reader, holder mail.ID) (desk.Unfinished, error)
	SaveDraft(ctx context.Context, r desk.Reader, holder mail.ID, form mail.Form, seen string) error
	AttachDraft(ctx context.Context, r desk.Reader, holder mail.ID, name, kind string, in io.Reader) error
	BeginUpload(ctx context.Context, r desk.Reader, holder mail.ID, f desk.NewUpload) (desk.Half, error)
	Upload(ctx context.Context, r desk.Reader, holder mail.ID, n uint32) (h desk.Half, pieces []int64, err error)
	Append(ctx context.Context, r desk.Reader, holder mail.ID, n uint32, p desk.Piece, in io.Reader) (desk.Half, error)
	DetachDraft(ctx context.Context, r desk.Reader, holder mail.ID, n uint32) error
	DropDraft(ctx context.Context, r desk.Reader, holder mail.ID) error
	DropDrafts(ctx context.Context, r desk.Reader, holders []mail.ID) ([]mail.ID, error)
	Levels(ctx context.Context) ([]mail.Level, error)
	WrittenTo(ctx context.Context, r desk.Reader, mailbox mail.ID, text string, n int) ([]mail.Named, error)
	Lifetimes(ctx context.Context) (desk.Lifetimes, error)
	Plan(ctx context.Context, owner mail.ID, d *mail.Draft) ([]desk.Forecast, desk.Life, error)
	Foresee(ctx context.Context, person, owner mail.ID, d *mail.Draft) ([]desk.Forecast, desk.Life, error)
	Allowance(ctx context.Context, owner mail.ID) (mail.Allowance, error)
	SendDraft(ctx context.Context, r desk.Reader, holder mail.ID, d *mail.Draft, seen string) error

	Mailbox(ctx context.Context, r desk.Reader, q mail.MailboxQuery) ([]desk.Line, error)
	Standings(ctx context.Context, r desk.Reader, mailboxes []mail.ID) ([]mail.Standing, error)
	Held(ctx context.Context, r desk.Reader, mailbox mail.ID) (list []desk.Held, more bool, err error)
	Thread(ctx context.Context, r desk.Reader, holder mail.ID) ([]desk.Threaded, error)
	Find(ctx context.Context, r desk.Reader, f *desk.Finder, s desk.Search) (desk.Found, error)
	Mark(ctx context.Context, r desk.Reader, holders []mail.ID, unread bool) ([]mail.ID, error)
	Move(ctx context.Context, r desk.Reader, holders []mail.ID, trash bool) ([]mail.ID, error)
	Progress(ctx context.Context, r desk.Reader, message mail.ID) ([]desk.Recipient, error)
	Recall(ctx context.Context, r desk.Reader, message mail.ID) (int, error)
	SetEnd(ctx context.Context, r desk.Reader, holder mail.ID, days int) (until time.Time, err error)
	SetNumber(ctx context.Context, r desk.Reader, holder mail.ID, phone mail.Phone) error
	NewCode(ctx context.Context, r desk.Reader, holder mail.ID) error
	Unlock(ctx context.Context, r desk.Reader, holder mail.ID) error
	EmptyTrash(ctx context.Context, r desk.Reader, mailbox mail.ID) (int, error)
	CountTrash(ctx context.Context, r desk.Reader, mailbox mail.ID) (mail.TrashCount, error)
	Export(ctx context.Context, r desk.Reader, ask desk.ExportAsk) (*desk.Export, error)

	Shared(ctx context.Context, r desk.Reader, holder mail.ID) (desk.Shared, error)
	Claim(ctx context.Context, r desk.Reader, holder mail.ID) error
	Release(ctx context.Context, r desk.Reader, holder mail.ID) error
	Remark(ctx context.Context, r desk.Reader, holder mail.ID, text string) error
}

// Office is what the pages ask of the house's people.
type Office interface {
	Invitee(ctx context.Context, person mail.ID) (i office.Invitee, ok bool, err error)
	ActivateRecipient(ctx context.Context, code mail.ID, secret desk.CodeSecret, proven mail.Phone, password string) (mail.Person, error)
	Register(ctx context.Context, n office.NewRecipient, still func(office.ReadTx) error) (mail.Person, error)
	// Recipients returns which of some addresses are registered recipients', by their keys.
	Recipients(ctx context.Context, list []mail.Address) (map[string]mail.Recipient, error)
	// Owner returns whose letters have this owner.
	Owner(ctx context.Context, id mail.ID) (mail.Resident, error)
	Activate(ctx context.Context, code mail.ID, secret desk.CodeSecret, password string) (mail.Person, *access.Key, error)
	Tree(func(t *org.Tree))
	// LookOf returns how the unit shows itself in whose name an owner writes; of nobody, the
	// organisation.
	LookOf(owner mail.ID) mail.Look
	Logo(name string) (mail.Logo, bool)
	Statement(ctx context.Context) (org.Statement, error)
	// FeedbackTo returns whose letters feedback on accessibility becomes; Absent if nobody's.
	FeedbackTo(ctx context.Context) (mail.ID, error)
	// MailboxesOf returns the function mailboxes in which a person reads at this moment.
	MailboxesOf(person mail.ID) []mail.ID
	// Followers returns who gets answers to a letter of owner's beside the owner.
	Followers(ctx context.Context, owner, writer mail.ID) ([]mail.Resident, error)
	ContactList(ctx context.Context, viewer, unit mail.ID, from, n int) (office.ContactList, error)
	FindContacts(ctx context.Context, viewer mail.ID, text string, n int) (found []office.Contact, more bool, err error)
	ContactsOf(ctx context.Context, viewer mail.ID, ids []mail.ID) ([]office.Contact, error)
	TemplatesFor(ctx context.Context, w org.Writer) ([]office.Template, error)
	TemplateFor(ctx context.Context, w org.Writer, id mail.ID) (office.Template, error)
	SignatureFor(ctx context.Context, w org.Writer) (string, error)
	LeaveMailbox(ctx context.Context, by mail.Actor, mailbox, person mail.ID) error
	GiveOlder(ctx context.Context, by mail.Actor, key *access.Key, mailbox, person mail.ID) error
	RefuseOlder(ctx context.Context, by mail.Actor, mailbox, person mail.ID) error
}

// Texter sends a PIN to a letter's reader; the appliance joins budget, PINs, words and
// gateway.
type Texter interface {
	SendPIN(ctx context.Context, l desk.Letter, lang string) error
	// Pause returns how long its reader waits until another may be sent; 0: no longer.
	Pause(ctx context.Context, l desk.Letter) (time.Duration, error)
	// SendOwn sends a PIN of this name to somebody who signs in, at the phone that they have
	// proven.
	SendOwn(ctx context.Context, person, pin mail.ID, to mail.Phone, lang string) error
	// SendNew is SendOwn to a number that somebody has typed as their own.
	SendNew(ctx context.Context, person, pin mail.ID, to mail.Phone, lang string) error
	// SendInvited is SendOwn to the phone that an invited recipient's inviter has named.
	SendInvited(ctx context.Context, to office.Invitee, pin mail.ID, lang string) error
	// SendHelp is SendOwn to somebody who has not given a password.
	SendHelp(ctx context.Context, person, pin mail.ID, to mail.Phone, lang string) error
}

// Config is what the portal needs; none may be nil but where it is said.
type Config struct {
	Desk      Desk
	Office    Office
	Account   Account
	SignIn    *access.SignIn
	Recovery  *access.Recovery
	Helping   *access.Helping
	Codes     *access.LinkCodes
	PINs      *access.PINs
	Strangers *access.Strangers // what is handed in without a code or a password
	FormFrom  mail.Address      // from whom that comes
	OwnPINs   *access.PINs      // of people's own phones
	Texter    Texter
	Handbook  *handbook.Handbook
	Phone     func(s string) (mail.Phone, error) // people's spellings of a number
	Roles     func(person mail.ID) mail.Roles    // as they are at this moment
	Country   string                             // of the law on accessibility: "SE"
	// Submission is where mail programs send; the zero value: they cannot.
	Submission Submission
	Origin     string         // scheme, host and port of the base URL
	Passkeys   Passkeys       // nil: browsers make none for this host
	SMSPrice   int64          // about what one costs, in millionths of Currency; 0: not known
	Currency   string         // "SEK"
	SignOn     SignOnProvider // nil: the organisation has none
	Clock      mail.Clock
	Log        *slog.Logger
}

// Portal is the door.
type Portal struct {
	Config
	visits     *access.Tokens[*visit]
	pictures   *access.Tokens[*picture]
	ceremonies *access.Tokens[*ceremony]
	signOns    *access.Tokens[*signOn]
	aside      sync.WaitGroup // what is done beside answers
}

// New returns the door.
func New(c Config) *Portal {
	return &Portal{
		Config: c, visits: access.NewTokens[*visit](c.Clock), pictures: access.NewTokens[*picture](c.Clock),
		ceremonies: access.NewBriefTokens[*ceremony](c.Clock, passkey.Life), signOns: access.NewBriefTokens[*signOn](c.Clock, signOnLife),
	}
}

// Sweep drops sessions that are over, with their keys.
func (p *Portal) Sweep() {
	p.visits.Sweep()
	p.pictures.Sweep()
	p.ceremonies.Sweep()
	p.signOns.Sweep()
	p.SignIn.Sweep()
	p.Helping.Sweep()
}

// reader is who acts in a request, with keys: a guest or a signed-in person.
func (p *Portal) reader(r *web.Request) desk.Reader {
	switch v := r.Viewer().Value.(type) {
	case *visit:
		return v.reader
	case *access.Session:
		return p.readerOf(v)
	}
	return desk.Reader{}
}

// readerOf is somebody of the house, with what they read at this moment.
func (p *Portal) readerOf(s *access.Session) desk.Reader {
	return desk.Reader{Actor: s.Actor(), Key: s.Key, Mailboxes: p.Office.MailboxesOf(s.Person.ID)}
}

// initials returns up to two letters of a name.
func initials(name string) string {
	var b strings.Builder
	for i, w := range strings.Fields(name) {
		if i < 2 {
			b.WriteRune(unicode.ToUpper([]rune(w)[0]))
		}
	}
	return b.String()
}
