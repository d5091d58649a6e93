package office

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"

	"sigill/appliance/journal"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/org"
	"sigill/appliance/outbox"
)

// NewRecipient is who registers as a recipient. That the address is theirs was proven by
// a letter that was sent to it, and the phone by a PIN.
type NewRecipient struct {
	Address  mail.Address
	Lang     string
	Phone    mail.Phone
	Password string
}

// Register makes a registered recipient: a key, locked for R and under the password, and
// the phone for a second factor. They are in no unit, and nobody's helpers have their key.
// A mail tells whoever has the address.
//
// The error for people is Invalid: for a password that will not do, and, in the same words,
// for an address that somebody has and for one of the house.
func (o *Office) Register(ctx context.Context, n NewRecipient) (mail.Person, error) {
	if o.taken(n.Address) {
		return mail.Person{}, mail.E(mail.Invalid, "error.register.taken", nil)
	}
	if err := o.CheckPassword(n.Password, mail.Profile{Address: n.Address}); err != nil {
		return mail.Person{}, err
	}
	m, err := o.begin()
	if err != nil {
		return mail.Person{}, err
	}
	r := &registering{making: m, n: n, taken: "error.register.taken", may: func(mail.Profile) bool { return true }}
	r.kind, r.actor = journal.Registered, mail.Actor{Kind: mail.ActorPerson}
	if err := r.prepare(ctx); err != nil {
		m.undo()
		return mail.Person{}, err
	}
	return m.p, r.store(ctx)
}

// taken reports whether an address is one of the house, or of somebody in the house's
// lists. What else it may be is asked in the transaction.
func (o *Office) taken(a mail.Address) bool {
	known := o.ours(a)
	o.Tree(func(t *org.Tree) {
		_, shared := t.MailboxAt(a)
		_, person := t.PersonAt(a)
		known = known || shared || person
	})
	return known
}

// registering is a recipient being made, by themself or by an invitation.
type registering struct {
	*making
	n      NewRecipient
	factor mail.Factor
	taken  string                  // what is said of an address that somebody has
	may    func(mail.Profile) bool // whether who was invited before may be put out of the way
	kind   string                  // of the event
	actor  mail.Actor
	dead   []mail.Slot
}

// base makes the row, locks the key for R and sets the phone for a second factor.
func (r *registering) base(profile mail.Profile) error {
	if err := r.newKey(NewPerson{Profile: profile}); err != nil {
		return err
	}
	r.p.Kind = mail.RecipientPerson
	s, key := r.slot(0)
	box, err := keyring.SealSeedTo(keyring.SeedByRecoveryKey, r.o.Recovery, r.p.ID, key, r.seed)
	if err != nil {
		return fmt.Errorf("lock a seed: %w", err)
	}
	r.wraps = append(r.wraps, mail.SeedWrap{Person: r.p.ID, Kind: mail.SeedRecoveryKey, Slot: s, Box: box})
	secret, err := json.Marshal(mail.FactorSecret{Phone: r.n.Phone})
	if err != nil {
		return fmt.Errorf("factor: %w", err)
	}
	r.factor = mail.Factor{Person: r.p.ID, Box: r.o.App.SealFactor(r.p.ID, secret)}
	return nil
}

// prepare is base of who is here, with their password, and the mail about it.
func (r *registering) prepare(ctx context.Context) error {
	profile := mail.Profile{Address: r.n.Address, Lang: r.n.Lang}
	if err := r.base(profile); err != nil {
		return err
	}
	r.p.Active = true
	s, key := r.slot(len(r.wraps))
	box, err := r.o.Stretch.SealSeedByPassword(ctx, r.p.ID, []byte(r.n.Password), key, r.seed)
	if err != nil {
		return err
	}
	r.wraps = append(r.wraps, mail.SeedWrap{Person: r.p.ID, Kind: mail.SeedPassword, Slot: s, Box: box})
	notice := mail.Notice{Kind: mail.NoticeAccount, To: profile.Address, Lang: profile.Lang, From: r.o.Sign, Tail: r.n.Phone.Tail(), At: r.at}
	row, w, err := outbox.Seal(r.o.App, r.link[0], notice, outbox.About{}, r.at)
	if err != nil {
		return err
	}
	r.slots, r.outgoing = append(r.slots, w), append(r.outgoing, row)
	return nil
}

// store writes the recipient, or undoes all.
func (r *registering) store(ctx context.Context) error {
	if err := r.o.Store.Update(ctx, r.write); err != nil {
		r.undo()
		return err
	}
	r.o.Store.Unreserve(r.shred[len(r.wraps):])
	r.o.Wake()
	return r.o.erase(ctx, r.dead)
}

func (r *registering) write(tx Tx) error {
	if err := r.free(tx); err != nil {
		return err
	}
	if err := tx.PutPerson(r.p); err != nil {
		return err
	}
	if _, err := r.put(tx); err != nil {
		return err
	}
	r.factor.At = tx.Now()
	if err := tx.PutFactor(r.factor); err != nil {
		return err
	}
	e := mail.Event{Kind: r.kind, At: tx.Now(), Actor: r.actor.Kind, Holder: r.p.ID}
	if !r.actor.ID.IsZero() {
		e.Who = r.o.App.Who(r.actor.ID)
	}
	return tx.Note(e)
}

// free refuses an address that somebody has. Who was only invited makes room: whoever
// registers has shown more than the mail, and who invites again wants another code.
func (r *registering) free(tx Tx) error {
	taken := mail.E(mail.Invalid, r.taken, nil)
	if _, err := tx.FunctionMailboxByLookup(r.p.Lookup); err == nil || mail.KindOf(err) != mail.Absent {
		return cmp.Or(err, error(taken))
	}
	have, err := tx.PersonByLookup(r.p.Lookup)
	if err != nil {
		if mail.KindOf(err) == mail.Absent {
			return nil
		}
		return err
	}
	if have.Kind != mail.RecipientPerson || have.Active {
		return taken
	}
	// Whose access was restored by the kit has letters, which only that key opens.
	if been, err := restored(tx, have); been || err != nil {
		return cmp.Or(err, error(taken))
	}
	f, err := r.o.Profile(have)
	if err != nil {
		return err
	}
	if !r.may(f) {
		return taken
	}
	r.dead, err = r.o.uninvite(tx, have)
	return err
}

// Recipients returns which of some addresses are those of registered recipients, by their
// keys. Who has not come in yet, or may not, is none.
func (o *Office) Recipients(ctx context.Context, list []mail.Address) (map[string]mail.Recipient, error) {
	found := map[string]mail.Recipient{}
	err := o.Store.View(ctx, func(tx ReadTx) error {
		for _, a := range list {
			r, err := o.recipientAt(tx, a)
			if mail.KindOf(err) == mail.Absent {
				continue
			}
			if err != nil {
				return err
			}
			found[a.Key()] = r
		}
		return nil
	})
	return found, err
}

func (o *Office) recipientAt(tx ReadTx, a mail.Address) (r mail.Recipient, err error) {
	p, err := tx.PersonByLookup(o.App.Lookup(a.Key()))
	if err != nil {
		return r, err
	}
	if p.Kind != mail.RecipientPerson || !p.Active || !p.Suspended.IsZero() {
		return r, absent()
	}
	r.Resident = mail.Resident{ID: p.ID, Key: p.ID, Public: p.Public}
	if r.Profile, err = o.Profile(p); err != nil {
		return r, err
	}
	_, secret, err := o.openFactor(tx, p.ID)
	r.Phone = secret.Phone
	return r, err
}

// adopt makes one of the house of a registered recipient: their domain has become the
// house's. Key and letters stay; what they sign in by is from now on what the house asks of
// its people, and a phone alone is no second factor any more.
func (o *Office) adopt(ctx context.Context, p mail.Person) (mail.Person, error) {
	err := o.Store.Update(ctx, func(tx Tx) error {
		var err error
		if p, err = tx.Person(p.ID); err != nil || p.Kind == mail.HousePerson {
			return err // another letter was quicker
		}
		p.Kind = mail.HousePerson
		if err := tx.SavePerson(p); err != nil {
			return err
		}
		return tx.Note(mail.Event{Kind: journal.Adopted, At: tx.Now(), Actor: mail.ActorSystem, Part: "office", Holder: p.ID})
	})
	if err != nil {
		return p, err
	}
	o.SignOut(p.ID) // what they have open shows a recipient's pages
	return p, o.learn(ctx, p.ID)
}
