package office

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"

	"sigill/appliance/journal"
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
	// Confirmed: of an invitation, that the phone is meant though another one has worked.
	Confirmed bool
}

// Register makes a registered recipient: a key, locked for R and under the password, and
// the phone for a second factor. They are in no unit, and nobody's helpers have their key.
// A mail tells whoever has the address.
//
// still is asked in the transaction whether what has proven the address and the phone stands:
// the letter may have been recalled, or its number mended, while the password was typed and
// stretched. Its error goes to the caller.
//
// The error for people is Invalid: for a password that will not do, and, in the same words,
// for an address that somebody has and for one of the house.
func (o *Office) Register(ctx context.Context, n NewRecipient, still func(tx ReadTx) error) (mail.Person, error) {
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
	r := &registering{making: m, n: n, still: still, taken: "error.register.taken", may: func(mail.Profile) bool { return true }}
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
	still  func(tx ReadTx) error   // whether they may be made at this moment; nil: nothing is asked
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
	if err := r.lockTo(mail.SeedRecoveryKey, r.o.Recovery, mail.ID{}); err != nil {
		return err
	}
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
	if err := r.lockByPassword(ctx, r.n.Password); err != nil {
		return err
	}
	notice := mail.Notice{Kind: mail.NoticeAccount, To: profile.Address, Lang: profile.Lang, Tail: r.n.Phone.Tail(), At: r.at, NoLink: r.o.LinkFree(mail.ID{})}
	row, w, err := outbox.Seal(r.o.App, r.link[0], notice, outbox.About{}, r.at)
	if err != nil {
		return err
	}
	r.slots, r.outgoing = append(r.slots, w), append(r.outgoing, row)
	return nil
}

// store writes the recipient, or undoes all. After nil they are there.
func (r *registering) store(ctx context.Context) error {
	if err := r.o.Store.Update(ctx, r.write); err != nil {
		r.undo()
		return err
	}
	r.o.Store.Unreserve(r.shred[len(r.wraps):])
	r.o.Wake()
	// They are registered, whatever becomes of the locks of an invitation before: no row
	// names those any more, and the next start erases them.
	if err := r.o.erase(ctx, r.dead); err != nil {
		r.o.Log.Error("erase what an invitation has opened", "part", "office", "err", err)
	}
	return nil
}

func (r *registering) write(tx Tx) error {
	if r.still != nil {
		if err := r.still(tx); err != nil {
			return err
		}
	}
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
	e := mail.Event{Kind: r.kind, At: tx.Now(), Actor: r.actor.Kind, Who: r.o.App.Who(r.actor.ID), Holder: r.p.ID}
	if r.kind == journal.RecipientInvited {
		var err error
		if e.Detail, err = r.o.secondWord(tx, r.n); err != nil {
			return err
		}
	}
	shown := mail.Registration{Person: r.p.ID}
	if r.p.Active { // and not only invited: they have come by the inbox, and typed the PIN
		shown.Inbox, shown.Phone = tx.Now(), tx.Now()
	}
	if err := tx.PutRegistration(shown); err != nil {
		return err
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
	r.Resident, r.Since = mail.Resident{ID: p.ID, Key: p.ID, Public: p.Public}, p.At
	if r.Profile, err = o.Profile(p); err != nil {
		return r, err
	}
	_, secret, err := o.openFactor(tx, p.ID)
	if err != nil {
		return r, err
	}
	reg, err := registrationOf(tx, p.ID)
	if err != nil {
		return r, err
	}
	phone, err := o.phoneShownAt(tx, reg, p.Lookup, secret.Phone)
	now := o.Clock.Now()
	r.Phone, r.PhoneShown = secret.Phone, stillShown(phone, now)
	r.Shown = r.PhoneShown && inboxShown(reg, now)
	return r, err
}
