package desk

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync/atomic"

	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/policy"
	"sigill/appliance/seal"
)

// Directory knows the people of the house.
type Directory interface {
	// Resident returns the person or function mailbox at an address of one of the house's
	// domains, and makes a person, with a key, at first sight. It is false for every other
	// address.
	Resident(ctx context.Context, a mail.Address, name string) (mail.Resident, bool, error)
	// WouldBe is Resident, and makes nobody: at an address that nobody has yet the resident
	// has no id.
	WouldBe(ctx context.Context, a mail.Address) (mail.Resident, bool, error)
	// Recipients returns which of some addresses are registered recipients', by their keys.
	Recipients(ctx context.Context, list []mail.Address) (map[string]mail.Recipient, error)
	// Owner returns whose letters have this owner, or Absent.
	Owner(ctx context.Context, id mail.ID) (mail.Resident, error)
	// Readers returns those who read letters of an owner's at this moment: the person, or
	// who has a place in the function mailbox. Who is suspended is not among them.
	Readers(ctx context.Context, owner mail.ID) ([]mail.Profile, error)
	// Followers returns who gets answers to a letter of owner's beside the owner. writer
	// is who wrote it in a function mailbox's name; zero if nobody is known.
	Followers(ctx context.Context, owner, writer mail.ID) ([]mail.Resident, error)
	// MayWrite reports whether a person may write as one of the house at this moment.
	MayWrite(person mail.ID) bool
	// Allowance returns what an owner, a person or a function mailbox, may send at this
	// moment; Left is the desk's to know.
	Allowance(owner mail.ID) mail.Allowance
	// LinkFree reports whether mails to citizens about letters of an owner are without a link.
	LinkFree(owner mail.ID) bool
	// OutOfContacts returns those of some addresses, by their keys, that an owner does not
	// find in contact lists.
	OutOfContacts(ctx context.Context, owner mail.ID, with []mail.Address) (map[string]mail.Address, error)
}

// House is what the house says of itself and has decided.
type House struct {
	Rules policy.Rules
	Lang  string // of those whose language is not known
}

// Config is what a desk needs. Nothing but Faithful and Sure may be nil.
type Config struct {
	Store     Store
	App       *keyring.App
	Directory Directory
	House     func(ctx context.Context) (House, error)
	Sign      func(owner mail.ID) string // what is published of who writes in an owner's name
	Clock     mail.Clock
	Log       *slog.Logger
	Wake      func() // called when something new stands in the outbox
	// Faithful takes what was meant for us alone (tag, numbers, headers) out of a raw
	// mail before somebody else gets it. Nil: such a mail is never handed out raw.
	Faithful func(raw []byte) []byte
	// Sure says whether the clock may be believed for the last day of a new message;
	// its error goes to who hands one in. Nil: it always may.
	Sure func() error
}

// Desk does the work on messages.
type Desk struct {
	Config
	epochs  *keyring.Epochs
	ended   atomic.Int64
	exports running // people who export
	finders finders
}

// New returns a desk.
func New(c Config) *Desk { return &Desk{Config: c, epochs: keyring.NewEpochs()} }

// Reader is somebody who opens: who he is, and the keys that his proof has made.
type Reader struct {
	mail.Actor
	Key keyring.Reader
	// Mailboxes are the function mailboxes in which he reads at this moment. They are asked
	// for at each request, so that who leaves is out at once.
	Mailboxes []mail.ID
}

// owns reports whether letters of an owner are in a mailbox of r's.
func (r Reader) owns(owner mail.ID) bool {
	return r.Kind == mail.ActorPerson && (owner == r.ID || slices.Contains(r.Mailboxes, owner))
}

// mailbox returns which mailbox is meant: zero is r's own. It is Absent for one that is
// not his.
func (r Reader) mailbox(id mail.ID) (mail.ID, error) {
	if id.IsZero() {
		id = r.ID
	}
	if !r.owns(id) {
		return id, absent()
	}
	return id, nil
}

// Ended returns how many accesses have ended since the start.
func (d *Desk) Ended() int64 { return d.ended.Load() }

// Forget drops keys in memory that are no longer needed. It is called once a
// minute.
func (d *Desk) Forget() { d.epochs.Forget(d.Clock.Now()) }

// openSlot returns the key in a slot. An erased one is mail.Gone.
func (d *Desk) openSlot(tx LetterReads, s mail.Slot) (seal.Secret, error) {
	if s.IsZero() {
		return seal.Secret{}, mail.E(mail.Gone, "error.gone", nil)
	}
	v, err := tx.SlotValue(s)
	if err != nil {
		return seal.Secret{}, err
	}
	k, err := d.App.OpenSlot(byte(s.File), s.N, v)
	if err != nil {
		return seal.Secret{}, mail.E(mail.Internal, "error.internal", errors.Join(errors.New("open a slot"), err))
	}
	return k, nil
}

func (d *Desk) sealSlot(s mail.Slot, k seal.Secret) mail.SlotWrite {
	return mail.SlotWrite{Slot: s, Value: d.App.SealSlot(byte(s.File), s.N, k)}
}

func absent() error { return mail.E(mail.Absent, "error.absent", nil) }
