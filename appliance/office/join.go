package office

import (
	"context"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/journal"
	"sigill/appliance/mail"
)

// A domain may become the house's at which people have registered as recipients. Whoever has
// such an account need not work in the house, and need not be who has the address by now. So
// the account stays what it is until its owner, signed in as always, opens the link of a mail
// to the address. The house's own sign-on is not enough: it says who has the address today,
// and not whose the account is that was made at it.

// errOffered is what is said of a registered recipient whom somebody wants to make one of
// the house.
var errOffered = mail.E(mail.Invalid, "error.person.offered", nil)

// offerRest is the time between two mails that ask a recipient to be one of the house.
const offerRest = 30 * 24 * time.Hour

// offersMost is how many of these go to one account in all.
const offersMost = 3

// OfferJoining asks the registered recipients whose address is the house's by now whether
// they will be of it, and returns how many it were.
func (o *Office) OfferJoining(ctx context.Context) (n int, err error) {
	var list []mail.ID
	err = o.Store.View(ctx, func(tx ReadTx) error {
		people, err := tx.People()
		if err != nil {
			return err
		}
		for _, p := range people {
			if p.Kind != mail.RecipientPerson || p.IsNobody() {
				continue
			}
			f, err := o.Profile(p)
			if err != nil {
				return err
			}
			reg, err := registrationOf(tx, p.ID)
			if err != nil {
				return err
			}
			if o.ours(f.Address) && o.offers(p, reg) {
				list = append(list, p.ID)
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	for i, id := range list {
		if err := o.offer(ctx, id); err != nil {
			return i, err
		}
	}
	return len(list), nil
}

// offers reports whether a recipient is asked now. Who does not sign in at the moment is not;
// nor who has not shown the inbox: the mail might come to who has the address after them.
func (o *Office) offers(p mail.Person, reg mail.Registration) bool {
	now := o.Clock.Now()
	rests := isPast(reg.Offered, now) && now.Sub(reg.Offered) < offerRest
	return p.Kind == mail.RecipientPerson && p.Active && p.Suspended.IsZero() &&
		inboxShown(reg, now) && reg.Offers < offersMost && !rests
}

// offer asks a recipient, unless they were asked a short while ago.
func (o *Office) offer(ctx context.Context, person mail.ID) error {
	return o.withMails(1, func(link []mail.Slot) (used int, err error) {
		err = o.Store.Update(ctx, func(tx Tx) error {
			used = 0
			p, err := tx.Person(person)
			if err != nil {
				return err
			}
			reg, err := registrationOf(tx, person)
			if err != nil || !o.offers(p, reg) {
				return err
			}
			reg.Offered, reg.Offers = tx.Now(), reg.Offers+1
			if err := tx.PutRegistration(reg); err != nil {
				return err
			}
			used = 1
			n := mail.Notice{Kind: mail.NoticeJoin, Proof: o.App.InboxProof(mail.ProofJoin, person, tx.Now()), Until: tx.Now().Add(offerRest)}
			if err := o.post(tx, link[0], p, n); err != nil {
				return err
			}
			return tx.Note(mail.Event{Kind: journal.JoinOffered, At: tx.Now(), Actor: mail.ActorSystem, Part: "office", Holder: person})
		})
		return used, err
	})
}

// MayJoin reports by its error whether a registered recipient may be one of the house with
// the link of such a mail. The errors are Absent for a link that is none or not theirs, too
// old, or for an address that is not the house's, or not any more.
func (o *Office) MayJoin(by access.Owner, proof string) error {
	at, err := o.readProof(mail.ProofJoin, by.Person.ID, proof)
	if err != nil {
		return err
	}
	f, err := o.Profile(by.Person)
	if err != nil {
		return err
	}
	if by.Person.Kind != mail.RecipientPerson || !o.ours(f.Address) || o.Clock.Now().Sub(at) > offerRest {
		return absent()
	}
	return nil
}

// Join makes one of the house of a registered recipient, who is signed in and shows the link
// of the mail that has asked them. Key, letters and what they sign in by stay. Their sessions
// end, which show a recipient's pages. The errors are those of MayJoin, and Denied; see
// ChangePassword.
func (o *Office) Join(ctx context.Context, by access.Owner, proof string) error {
	if err := o.MayJoin(by, proof); err != nil {
		return err
	}
	return o.adopt(ctx, by)
}

// adopt makes one of the house of a registered recipient, who is told.
func (o *Office) adopt(ctx context.Context, by access.Owner) error {
	id := by.Person.ID
	err := o.withMails(1, func(link []mail.Slot) (used int, err error) {
		err = o.Store.Update(ctx, func(tx Tx) error {
			used = 0
			p, err := tx.Person(id)
			if err != nil {
				return err
			}
			if p.IsNobody() || !p.Suspended.IsZero() { // meanwhile
				return absent()
			}
			if p.Kind == mail.HousePerson {
				return nil // another press was quicker
			}
			if err := still(tx, by); err != nil {
				return err
			}
			p.Kind, p.Leaves = mail.HousePerson, time.Time{} // no question whether the account is to end stands
			if err := tx.SavePerson(p); err != nil {
				return err
			}
			if err := tx.DeleteRegistration(p.ID); err != nil {
				return err
			}
			used = 1
			if err := o.post(tx, link[0], p, mail.Notice{Kind: mail.NoticeAdopted, At: tx.Now()}); err != nil {
				return err
			}
			return tx.Note(mail.Event{Kind: journal.Adopted, At: tx.Now(), Actor: mail.ActorSystem, Part: "office", Holder: p.ID})
		})
		return used, err
	})
	if err != nil {
		return err
	}
	o.SignOut(id) // what they have open shows a recipient's pages
	return o.learn(ctx, id)
}

// makeRoom takes the invitation back of a recipient who has never come, at an address that is
// the house's by now: they are invited as the house's people are. Its code went by a mail
// that may have been read on its way. Then the error is Absent, as of who was never there.
func (o *Office) makeRoom(ctx context.Context, p mail.Person) error {
	if p.Active {
		return nil // asked for each letter
	}
	var dead []mail.Slot
	gone := false
	err := o.Store.Update(ctx, func(tx Tx) error {
		dead, gone = nil, false
		now, err := tx.Person(p.ID)
		if err != nil {
			return err
		}
		if gone = now.IsNobody(); gone {
			return nil // another letter was quicker
		}
		been, err := restored(tx, now)
		if err != nil || been || now.Active || now.Kind != mail.RecipientPerson {
			return err
		}
		if dead, err = o.uninvite(tx, now); err != nil {
			return err
		}
		gone = true
		return tx.Note(mail.Event{Kind: journal.RecipientWithdrawn, At: tx.Now(), Actor: mail.ActorSystem, Part: "office", Holder: p.ID})
	})
	if err == nil && gone {
		err = absent()
		if e := o.erase(ctx, dead); e != nil {
			err = e
		}
	}
	return err
}
