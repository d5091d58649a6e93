package office

import (
	"bytes"
	"context"
	"slices"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/journal"
	"sigill/appliance/mail"
	"sigill/appliance/org"
	"sigill/appliance/seal"
)

// Helped returns who is at an address and can be helped to a new password: somebody who
// has been here, and is not suspended. Who was only invited needs another invitation.
func (o *Office) Helped(ctx context.Context, lookup [32]byte) (p mail.Person, ok bool, err error) {
	err = o.Store.View(ctx, func(tx ReadTx) (err error) {
		p, err = tx.PersonOr(lookup, o.decoy.person)
		return err
	})
	// Nobody organises a registered recipient: to who asks it looks as if nobody were there.
	if err != nil || !p.Active || !p.Suspended.IsZero() || p.Kind != mail.HousePerson {
		return mail.Person{}, false, err
	}
	return p, true, nil
}

// MayHelp reports whether somebody may help another to a new password.
func (o *Office) MayHelp(by, person mail.ID) (may bool) {
	o.Tree(func(t *org.Tree) { _, may = t.MayHelp(by, person) })
	return may
}

// vouchAge is how long somebody must have been an organiser to vouch for who cannot prove
// who they are. Else one organiser could make a second one on the spot.
const vouchAge = 7 * 24 * time.Hour

// MayVouch reports whether somebody who may help has been an organiser for so long that
// they may be one of two who vouch for a person.
func (o *Office) MayVouch(by, person mail.ID) bool {
	var since time.Time
	may := false
	o.Tree(func(t *org.Tree) { since, may = t.MayHelp(by, person) })
	return may && o.Clock.Now().Sub(since) >= vouchAge
}

// TwoHelp reports whether it takes two to help a person in any case.
func (o *Office) TwoHelp(person mail.ID) (two bool) {
	o.Tree(func(t *org.Tree) { two = t.TwoHelp(person) })
	return two
}

// maxHelpTold is how many of those who may help are told that somebody asks, or was
// helped; helpTold is for how long they are not told again that somebody asks: strangers
// who know addresses must not fill their mailboxes, and the page shows all who ask.
const (
	maxHelpTold = 10
	helpTold    = time.Hour
)

// helpers are those who may help a person and have been here, the nearest first, and what
// the person is called.
func (o *Office) helpers(person mail.ID) (list []org.Person, title string) {
	o.Tree(func(t *org.Tree) {
		list = slices.DeleteFunc(t.Helpers(person), func(p org.Person) bool { return !p.Active })
		if p, err := t.Person(person); err == nil {
			title = p.Title()
		}
	})
	return list, title
}

// ableFirst puts those first whose key opens a person's.
func ableFirst(tx ReadTx, person mail.ID, helpers []org.Person) ([]org.Person, error) {
	w, ok, err := wrapOf(tx, person, mail.SeedHelper)
	if err != nil || !ok || w.Helper.IsZero() {
		return helpers, err
	}
	var able, others []org.Person
	for _, h := range helpers {
		_, err := tx.HelperWrap(w.Helper, h.ID)
		switch {
		case err == nil:
			able = append(able, h)
		case mail.KindOf(err) == mail.Absent:
			others = append(others, h)
		default:
			return nil, err
		}
	}
	return append(able, others...), nil
}

// HelpAsked writes down that somebody asks, in a person's name, to be helped to a new
// password, and tells the person and those who may help.
func (o *Office) HelpAsked(ctx context.Context, p mail.Person, proven bool, from access.Agent) error {
	detail := "unproven"
	if proven {
		detail = "proven"
	}
	toPerson := mail.Notice{Kind: mail.NoticeHelpAsked, Browser: from.Browser, System: from.System}
	return o.tellHelp(ctx, p, mail.ID{}, toPerson, mail.NoticeHelpWanted, "", func(tx Tx) error {
		// Whoever it is: nobody has signed in.
		return tx.Note(mail.Event{Kind: journal.HelpAsked, At: tx.Now(), Actor: mail.ActorNobody, Holder: p.ID, Detail: detail})
	})
}

// DenyHelp writes down that a person, signed in, has ended what was asked in their name.
func (o *Office) DenyHelp(ctx context.Context, by mail.Actor) error {
	return o.Store.Update(ctx, func(tx Tx) error {
		return tx.Note(mail.Event{Kind: journal.HelpRefused, At: tx.Now(), Actor: by.Kind, Holder: by.ID, Detail: "denied"})
	})
}

// HelpAgreed writes down that one of two organisers has agreed to help.
func (o *Office) HelpAgreed(ctx context.Context, by mail.Actor, p mail.Person) error {
	return o.Store.Update(ctx, func(tx Tx) error { return o.noteHelp(tx, journal.HelpAgreed, by, p) })
}

func (o *Office) noteHelp(tx Tx, kind string, by mail.Actor, p mail.Person) error {
	return tx.Note(mail.Event{Kind: kind, At: tx.Now(), Actor: by.Kind, Who: o.App.Who(by.ID), Holder: p.ID})
}

// GiveHelp opens a person's seed with the key of somebody who may help, and hands it on:
// it is kept nowhere here. The person and the others who may help are told.
//
// It takes all three: what stands in the slot, which the server gives out for a question
// that was asked and answered (access.Helping); a helper pair, which opens with the key of
// somebody who is signed in; and the right over the person, at this moment.
//
// The errors are Absent for who may not help, and for a person who has no password to
// forget; and access.Unopened if the person's key is locked for others.
func (o *Office) GiveHelp(ctx context.Context, by mail.Actor, key *access.Key, p mail.Person) (g access.Given, err error) {
	if !o.MayHelp(by.ID, p.ID) {
		return access.Given{}, absent()
	}
	err = o.Store.View(ctx, func(tx ReadTx) error {
		if g.Lock, err = passwordLock(tx, p.ID); err != nil {
			return err
		}
		g.Seed, err = o.helpSeed(tx, key, p.ID)
		return err
	})
	if err != nil {
		return access.Given{}, err
	}
	name := ""
	o.Tree(func(t *org.Tree) {
		if q, err := t.Person(by.ID); err == nil {
			name = q.Title()
		}
	})
	toPerson := mail.Notice{Kind: mail.NoticeHelpGiven, Helper: name}
	err = o.tellHelp(ctx, p, by.ID, toPerson, mail.NoticeHelped, name, func(tx Tx) error {
		if !o.MayHelp(by.ID, p.ID) { // at the moment at which it counts
			return absent()
		}
		return o.noteHelp(tx, journal.HelpGiven, by, p)
	})
	if err != nil {
		return access.Given{}, err
	}
	return g, nil
}

// passwordLock is the lock of a password as it stands. Who has none, because they were
// never here or the recovery kit has just helped them, is Absent.
func passwordLock(tx ReadTx, person mail.ID) (mail.Box, error) {
	p, err := tx.Person(person)
	if err != nil {
		return nil, err
	}
	w, ok, err := wrapOf(tx, person, mail.SeedPassword)
	if err == nil && (!ok || !p.Active) {
		err = absent()
	}
	return w.Box, err
}

func (o *Office) helpSeed(tx ReadTx, key *access.Key, person mail.ID) (seal.Secret, error) {
	p, err := tx.Person(person)
	if err != nil {
		return seal.Secret{}, err
	}
	w, ok, err := wrapOf(tx, person, mail.SeedHelper)
	if err != nil {
		return seal.Secret{}, err
	}
	if !ok || w.Helper.IsZero() {
		return seal.Secret{}, access.Unopened()
	}
	seed, ok, err := o.openByHelper(tx, key, helpLock{w.Helper, person, p.Public, w.Slot, w.Box})
	if err == nil && !ok {
		err = access.Unopened()
	}
	return seed, err
}

// helpLock is a seed as it is locked for a helper pair.
type helpLock struct {
	helper mail.ID
	of     mail.ID // whose seed it is: a person, or a generation of a function mailbox
	public []byte  // the key that belongs to it
	slot   mail.Slot
	box    mail.Box
}

// openByHelper opens a seed with the key of somebody who may have a part in the helper
// pair for which it is locked; ok is false for who has none.
func (o *Office) openByHelper(tx ReadTx, key *access.Key, l helpLock) (seed seal.Secret, ok bool, err error) {
	pair, err := o.openHelper(tx, key, l.helper)
	if mail.KindOf(err) == mail.Absent {
		return seed, false, nil
	}
	if err != nil {
		return seed, false, err
	}
	sw, err := o.openSlot(tx, l.slot)
	if err != nil {
		return seed, false, err
	}
	pub, err := seal.ParsePublicKey(l.public)
	if err != nil {
		return seed, false, err
	}
	if seed, err = pair.HelpSeed(l.of, pub, sw, l.box); err != nil {
		return seed, false, mail.E(mail.Internal, "error.internal", err)
	}
	return seed, true, nil
}

// RefuseHelp writes down that a question came to nothing, and tells the person.
func (o *Office) RefuseHelp(ctx context.Context, by mail.Actor, p mail.Person) error {
	return o.tell(ctx, p, mail.Notice{Kind: mail.NoticeHelpRefused, At: o.Clock.Now()}, func(tx Tx) error {
		return o.noteHelp(tx, journal.HelpRefused, by, p)
	})
}

// tellHelp does an act, and tells the person and those who may help, but for one.
func (o *Office) tellHelp(ctx context.Context, p mail.Person, but mail.ID, toPerson mail.Notice, toHelpers mail.NoticeKind, helper string, act func(Tx) error) error {
	helpers, title := o.helpers(p.ID)
	err := o.Store.View(ctx, func(tx ReadTx) (err error) {
		helpers, err = ableFirst(tx, p.ID, helpers)
		return err
	})
	if err != nil {
		return err
	}
	helpers = helpers[:min(len(helpers), maxHelpTold)]
	return o.withMails(1+len(helpers), func(link []mail.Slot) (used int, err error) {
		err = o.Store.Update(ctx, func(tx Tx) error {
			if err := act(tx); err != nil {
				return err
			}
			toPerson.At = tx.Now()
			if err := o.post(tx, link[0], p, toPerson); err != nil {
				return err
			}
			used = 1
			for _, h := range helpers {
				if h.ID == but {
					continue
				}
				if toHelpers == mail.NoticeHelpWanted {
					n, err := tx.Count(o.App.Tag("help.told", string(h.ID[:])), tx.Now(), helpTold)
					if err != nil {
						return err
					}
					if n > 1 {
						continue
					}
				}
				n := mail.Notice{Kind: toHelpers, At: tx.Now(), Person: title, Helper: helper}
				if err := o.post(tx, link[used], mail.Person{ID: h.ID}, n); err != nil {
					return err
				}
				used++
			}
			return nil
		})
		return used, err
	})
}

// UseHelp locks a seed that was opened by help under a new password. The old password
// opens nothing after that, the app passwords are gone, and the person is told. Nobody is
// signed in by it: a second factor is still asked for.
//
// The errors for people are Invalid for a password that will not do, and Denied if the one
// that was forgotten is another by now, or lives says no: help was given for a way in that
// is none any more. The person is returned when the new password stands, and only then;
// there may be an error beside it.
func (o *Office) UseHelp(ctx context.Context, p mail.Person, g access.Given, password string, lives func() bool) (mail.Person, error) {
	p, err := o.person(ctx, p.ID)
	if err != nil {
		return mail.Person{}, err
	}
	done, err := o.choosePassword(ctx, p, password, g.Seed, mail.NoticePassword, func(tx Tx) ([]mail.Slot, error) {
		lock, err := passwordLock(tx, p.ID)
		if err != nil && mail.KindOf(err) != mail.Absent {
			return nil, err
		}
		if err != nil || !bytes.Equal(lock, g.Lock) || !lives() {
			return nil, mail.E(mail.Denied, "error.help.over", nil)
		}
		if err := dropAppPasswords(tx, p.ID, mail.ActorPerson); err != nil {
			return nil, err
		}
		dead, err := dropOpeners(tx, p.ID, mail.ActorPerson)
		if err != nil {
			return nil, err
		}
		return dead, note(tx, journal.HelpUsed, p, "")
	})
	if err != nil {
		return mail.Person{}, err
	}
	return p, o.erase(ctx, done.dead)
}
