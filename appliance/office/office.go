package office

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/org"
	"sigill/appliance/seal"
)

// Store is what the office keeps things in; vault.DB is one.
type Store interface {
	Update(ctx context.Context, f func(tx Tx) error) error
	View(ctx context.Context, f func(tx ReadTx) error) error
	Reserve(file mail.SlotFile, n int) ([]mail.Slot, error)
	Unreserve([]mail.Slot)
	// EraseSlots returns when what the slots kept is gone. Zero ones are passed over.
	EraseSlots(ctx context.Context, slots []mail.Slot) error
}

// ReadTx is what the office reads. What is not there is mail.Absent.
type ReadTx interface {
	factorReads
	appPasswordReads
	faultReads
	Person(mail.ID) (mail.Person, error)
	PersonByLookup([32]byte) (mail.Person, error)
	decoyReads
	People() ([]mail.Person, error)
	SeedWraps(person mail.ID) ([]mail.SeedWrap, error)
	SlotValue(mail.Slot) (mail.SlotValue, error)
	// Message and Holder are for who asks of a letter within a transaction; see Register.
	Message(mail.ID) (mail.Message, error)
	Holder(mail.ID) (mail.Holder, error)
	Code(mail.ID) (mail.Code, error)
	CodesOf(holder mail.ID) ([]mail.Code, error)
	OutgoingOf(holder mail.ID) ([]mail.Outgoing, error)
	// EverHeld reports whether anything was ever sealed to a person or function mailbox.
	EverHeld(owner mail.ID) (bool, error)
	// NewUnread returns how many unread letters have come to a mailbox after one moment and
	// until another, up to mail.MaxStanding.
	NewUnread(owner mail.ID, after, until time.Time) (int, error)
	Setting(name string) (string, error)
	Units() ([]mail.Unit, error)
	Memberships() ([]mail.Membership, error)
	Organisings() ([]mail.Organising, error)
	mailboxReads
	helperReads
	domainReads
	listedReads
	templateReads
	passkeyReads
	heldReads
	registrationReads
	signOnReads
	directoryReads
	contactReads
	brandReads
	lyingReads
	settingReads
}

// Tx is what the office writes.
type Tx interface {
	ReadTx
	factorWrites
	appPasswordWrites
	faultWrites
	Now() time.Time
	PutPerson(mail.Person) error
	SavePerson(mail.Person) error
	PutSeedWrap(mail.SeedWrap) (old mail.Slot, err error)
	DeleteSeedWrap(person mail.ID, kind mail.SeedKind) (mail.Slot, error)
	PutSlots([]mail.SlotWrite) error
	PutCode(mail.Code) error
	DeleteCode(mail.ID) error
	DropRepairCodes(sender mail.ID) ([]mail.Slot, error)
	Enqueue(mail.Outgoing) error
	SaveOutgoing(mail.Outgoing) error
	SetSetting(name, value string) error
	PutUnit(mail.Unit) error
	SaveUnit(mail.Unit) error
	DeleteUnit(mail.ID) error
	PutMembership(mail.Membership) error
	DeleteMembership(person, unit mail.ID) error
	PutOrganising(mail.Organising) error
	DeleteOrganising(person, unit mail.ID) error
	MovePlaces(from, to mail.ID) error
	DropPlaces(person mail.ID) error
	mailboxWrites
	helperWrites
	domainWrites
	listedWrites
	templateWrites
	passkeyWrites
	heldWrites
	registrationWrites
	signOnWrites
	directoryWrites
	brandWrites
	settingWrites
	Note(mail.Event) error
	Count(name []byte, now time.Time, window time.Duration) (int64, error)
}

// Config is what an office needs; none may be nil.
type Config struct {
	Store    Store
	App      *keyring.App
	Stretch  *keyring.Stretcher
	Recovery seal.PublicKey  // R
	Helper   seal.PublicKey  // H of the kit, until the organisers have keys of their own
	Domains  func() []string // those of the configuration; see OurDomains
	Own      string          // domain of the addresses that the appliance makes: nobody's
	// LookupTXT asks DNS for TXT records, as net.Resolver does.
	LookupTXT func(ctx context.Context, name string) ([]string, error)
	Base      mail.Brand // what the organisation shows of itself until it says otherwise
	Languages []string   // that its notices speak
	Lang      string
	Plans     mail.PlanLimits
	// ServerHeld lets the server hold the keys of who comes by the organisation's sign-on, so
	// that they need no password (2-security.md, 2.3). Said to them, and counted.
	ServerHeld bool
	// Leaked reports whether a password is among those that strangers try first.
	Leaked func(password string) bool
	// LainFor returns the moment before which things came that have lain for at least n
	// working days at now.
	LainFor func(now time.Time, n int) time.Time
	Clock   mail.Clock
	// Believed reports whether the clock may be believed: it has neither leapt ahead nor been
	// set back. Nil: it always may.
	Believed func() bool
	Log      *slog.Logger
	Wake     func()
	// Directory is where people come from by themselves; without Read there is none.
	Directory DirectoryRules
	// SignOut ends every session of a person, and the sign-ins that are under way.
	SignOut func(person mail.ID)
}

// Office does the work on people.
type Office struct {
	Config
	mu    sync.Mutex
	known map[[32]byte]mail.Person // people do not change their key; rows are small
	// Those whose place was taken by another row. After a start nobody seals to them
	// any more, so that memory is enough.
	replaced map[mail.ID]bool
	// The current key of each function mailbox, by its id.
	generations map[mail.ID]mail.Generation
	trees       trees
	decoy       *decoy
	domains     atomic.Pointer[[]string] // all that are the house's
	reading     sync.Mutex               // of the directory: one at a time
}

// New returns an office. It knows nobody until Load has read the organisation.
func New(c Config) *Office {
	return &Office{Config: c, known: map[[32]byte]mail.Person{}, replaced: map[mail.ID]bool{}, generations: map[mail.ID]mail.Generation{}, trees: trees{tree: org.New(c.Base.Name)}, decoy: newDecoy(c.App, len(c.Recovery.Bytes()))}
}

// maxKnown is how many people are kept with their public keys, 1,216 bytes each: those to
// whom is written again and again. Who is not among them costs one look.
const maxKnown = 2000

// Resident returns who has an address of the house's domains: a function mailbox, or a
// person, who is made at first sight: from then on there is a key to which mail is
// sealed, and an invitation is on its way. Somebody of a sponsored group is one, wherever
// the address is, for as long as the group lasts; see sponsored.
func (o *Office) Resident(ctx context.Context, a mail.Address, name string) (mail.Resident, bool, error) {
	if r, ok := o.mailboxAt(a); ok {
		return r, true, nil
	}
	p, ok, err := o.residentPerson(ctx, a, name)
	if err != nil || !ok {
		return mail.Resident{}, false, err
	}
	r, err := o.ofPerson(p)
	return r, err == nil, err
}

// LinkFree reports whether mails to citizens about letters of an owner are without a link;
// of the zero id, those of the house itself.
func (o *Office) LinkFree(owner mail.ID) (free bool) {
	o.Tree(func(t *org.Tree) { free = t.LinkFree(owner) })
	return free
}

// Owner returns whose letters have this owner: a person or a function mailbox. The error
// is Absent.
func (o *Office) Owner(ctx context.Context, id mail.ID) (mail.Resident, error) {
	if r, ok := o.mailbox(id); ok {
		return r, nil
	}
	p, err := o.person(ctx, id)
	if err != nil {
		return mail.Resident{}, err
	}
	if p.IsNobody() { // whose mailbox was handed over, and has ended since
		return mail.Resident{}, absent()
	}
	return o.ofPerson(p)
}

// ofPerson is a person of the house. The tree knows what they are called; it is asked
// first, for each mail that comes asks this twice.
func (o *Office) ofPerson(p mail.Person) (r mail.Resident, err error) {
	r = mail.Resident{ID: p.ID, Key: p.ID, Public: p.Public, Out: !p.Suspended.IsZero()}
	known := false
	o.Tree(func(t *org.Tree) {
		if q, err := t.Person(p.ID); err == nil {
			r.Profile, known = mail.Profile{Address: q.Address, Name: q.Name, Lang: q.Lang, Told: q.Told, Shared: q.Shared, Receipt: q.Receipt}, true
			r.Out = q.Out() // p may be what is remembered of them
		}
	})
	if !known {
		r.Profile, err = o.Profile(p)
	}
	return r, err
}

// WouldBe is Resident for somebody who only looks at what sending a letter would do: it makes
// nobody. An address of the house's domains that nobody has is a resident without an id.
func (o *Office) WouldBe(ctx context.Context, a mail.Address) (mail.Resident, bool, error) {
	if r, ok := o.mailboxAt(a); ok {
		return r, true, nil
	}
	if ok, err := o.belongs(ctx, a); err != nil || !ok {
		return mail.Resident{}, false, err
	}
	lookup := o.App.Lookup(a.Key())
	p, err := o.find(ctx, lookup)
	switch {
	case mail.KindOf(err) == mail.Absent:
		return mail.Resident{Profile: mail.Profile{Address: a}}, true, o.notClosed(ctx, lookup)
	case err != nil || p.Kind == mail.RecipientPerson:
		return mail.Resident{}, false, err
	}
	r, err := o.ofPerson(p)
	return r, err == nil, err
}

// belongs reports whether letters to an address go to a mailbox of somebody's here.
func (o *Office) belongs(ctx context.Context, a mail.Address) (bool, error) {
	if o.ours(a) {
		return true, nil
	}
	return o.sponsored(ctx, a)
}

func (o *Office) residentPerson(ctx context.Context, a mail.Address, name string) (mail.Person, bool, error) {
	if ok, err := o.belongs(ctx, a); err != nil || !ok {
		return mail.Person{}, false, err
	}
	lookup := o.App.Lookup(a.Key())
	if p, ok := o.cached(lookup); ok {
		return p, true, nil
	}
	p, err := o.find(ctx, lookup)
	if err == nil && p.Kind == mail.RecipientPerson {
		if err = o.makeRoom(ctx, p); err == nil { // they are no one of the house before they say so; see Join
			return mail.Person{}, false, nil
		}
	}
	if mail.KindOf(err) == mail.Absent {
		if err := o.notClosed(ctx, lookup); err != nil {
			return mail.Person{}, false, err
		}
		p, err = o.add(ctx, NewPerson{Profile: mail.Profile{Address: a, Name: name, Lang: o.Lang}, Invite: true})
	}
	if err != nil {
		return mail.Person{}, false, err
	}
	if err := o.met(ctx, p.ID); err != nil {
		return mail.Person{}, false, err
	}
	o.remember(p)
	return p, true, nil
}

// met sees to it that the tree knows somebody whose row was just read. Whoever made that row
// tells the tree a moment behind the store; who is in no list of the house's meanwhile would
// be held for a citizen with an account, and a second first mail of theirs be refused for
// good.
func (o *Office) met(ctx context.Context, person mail.ID) error {
	known := false
	o.Tree(func(t *org.Tree) {
		_, err := t.Person(person)
		known = err == nil
	})
	if known {
		return nil
	}
	return o.learn(ctx, person)
}

func (o *Office) ours(a mail.Address) bool {
	for _, d := range o.OurDomains() {
		if sameDomain(d, a.Domain()) {
			return true
		}
	}
	return false
}

// sponsored reports whether letters to somebody from outside go to a mailbox of theirs.
// They must have a second factor: until then an invitation mail alone would be enough to
// read what the house sends to a phone of its choice, and whoever may invite could so
// weaken everybody's letters to a citizen.
func (o *Office) sponsored(ctx context.Context, a mail.Address) (bool, error) {
	var p org.Person
	known := false
	o.Tree(func(t *org.Tree) {
		if p, known = t.PersonAt(a); known {
			known = o.lasts(t, p.ID)
		}
	})
	if !known {
		return false, nil
	}
	f, err := o.Factor(ctx, p.ID)
	return !f.Key.IsZero(), err
}

func (o *Office) lasts(t *org.Tree, person mail.ID) bool {
	now := o.Clock.Now()
	return t.Sponsored(person, func(u org.Unit) bool { return u.IsOn(now) })
}

// MayWrite reports whether a person may write as one of the house: who works in it, and
// who is in a group that lasts; not who is suspended. Afterwards they read what they have,
// and no more.
func (o *Office) MayWrite(person mail.ID) (may bool) {
	o.Tree(func(t *org.Tree) {
		p, err := t.Person(person)
		may = err == nil && !p.Out() && (o.ours(p.Address) || o.lasts(t, person))
	})
	return may
}

func (o *Office) cached(lookup [32]byte) (mail.Person, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	p, ok := o.known[lookup]
	return p, ok
}

func (o *Office) remember(p mail.Person) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.replaced[p.ID] {
		return // it was read before another row took its place
	}
	if len(o.known) >= maxKnown {
		clear(o.known)
	}
	o.known[p.Lookup] = p
}

func (o *Office) find(ctx context.Context, lookup [32]byte) (p mail.Person, err error) {
	err = o.Store.View(ctx, func(tx ReadTx) error {
		p, err = tx.PersonByLookup(lookup)
		return err
	})
	return p, err
}

// Profile opens what is known of a person.
func (o *Office) Profile(p mail.Person) (mail.Profile, error) {
	var f mail.Profile
	b, err := o.App.OpenProfile(p.ID, p.Columns)
	if err != nil {
		return f, mail.E(mail.Internal, "error.internal", errors.Join(errors.New("profile"), err))
	}
	return f, json.Unmarshal(b, &f)
}
