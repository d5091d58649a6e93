package office

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sigill/appliance/journal"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/org"
	"sigill/appliance/outbox"
	"sigill/appliance/seal"
)

// restoreDays is how long a code is good that was handed over after a recovery: it is
// expected, so it need not live as long as an invitation.
const restoreDays = 14

// answerLife is how old a request may be when its answer is taken.
const answerLife = 14 * 24 * time.Hour

// AskRecovery makes a request to the holders of R to open the seed of who is at an
// address, or of a function mailbox there; see askMailbox. It changes nothing. The errors
// are sentences for who runs the command.
func (o *Office) AskRecovery(ctx context.Context, i keyring.Installation, s keyring.Sharing, a mail.Address) (r keyring.Request, err error) {
	var m org.Mailbox
	shared := false
	o.Tree(func(t *org.Tree) { m, shared = t.MailboxAt(a) })
	if shared {
		return o.askMailbox(ctx, i, s, m)
	}
	err = o.Store.Update(ctx, func(tx Tx) error {
		p, err := tx.PersonByLookup(o.App.Lookup(a.Key()))
		if mail.KindOf(err) == mail.Absent {
			return invalid("nobody of the house has the address %s", a)
		}
		if err != nil {
			return err
		}
		if !p.Suspended.IsZero() { // what the kit would give opens nothing until then
			return invalid("%s is suspended: let them sign in again on their page first", a)
		}
		pub, err := seal.ParsePublicKey(p.Public)
		if err != nil {
			return err
		}
		w, sw, err := o.wrapForRecovery(tx, p.ID)
		if err != nil {
			return err
		}
		r, err = o.App.NewRequest(keyring.Wanted{
			Installation: i, Sharing: s, Person: p.ID, Address: string(a), Public: pub, Recovery: o.Recovery, Slot: sw, Box: w.Box,
		}, tx.Now())
		if err != nil {
			return fmt.Errorf("the person's key, locked for R: %w", err)
		}
		return tx.Note(mail.Event{Kind: journal.RecoverAsked, At: tx.Now(), Actor: mail.ActorSystem, Part: "recover", Holder: p.ID})
	})
	return r, err
}

func invalid(format string, args ...any) error {
	return mail.E(mail.Invalid, "", fmt.Errorf(format, args...))
}

// wrapForRecovery returns a person's seed as it is locked for R, and its slot's key.
func (o *Office) wrapForRecovery(tx ReadTx, person mail.ID) (mail.SeedWrap, seal.Secret, error) {
	w, ok, err := wrapOf(tx, person, mail.SeedRecoveryKey)
	if err != nil {
		return w, seal.Secret{}, err
	}
	if !ok {
		return w, seal.Secret{}, invalid("this person's key is not locked for R: the recovery kit cannot open it")
	}
	sw, err := o.openSlot(tx, w.Slot)
	return w, sw, err
}

// Restored is what a recovery has led to.
type Restored struct {
	Person  mail.ID
	Address mail.Address
	Code    mail.LinkCode // good once, for a new password
	Until   time.Time
	// Of a function mailbox, whose key was opened: who got it, and whether one of them asks
	// for more. There is no code.
	Readers []mail.Address
	More    bool
}

// Restore takes an answer: it locks the seed under a fresh code and to R anew, and
// erases the old password, the recovery code on paper, the app passwords and every older
// invitation. Until a new password is chosen the person is as somebody who was never here;
// the mail is kept. The person is told, and if byMail the code goes out with that. The
// errors are sentences for who runs the command. With an error Restored names nobody if
// nothing was done; else the access was restored, the code is good, and something after
// that failed.
func (o *Office) Restore(ctx context.Context, i keyring.Installation, ans keyring.Answer, byMail bool) (Restored, error) {
	if ans.Installation != i {
		return Restored{}, invalid("the answer is for the installation %s; this one is %s", ans.Installation, i)
	}
	if g, ok, err := o.generationOf(ctx, ans.Person); err != nil || ok {
		if err != nil {
			return Restored{}, err
		}
		return o.restoreMailbox(ctx, g, ans)
	}
	slots, err := o.Store.Reserve(mail.Shred, 2)
	if err != nil {
		return Restored{}, err
	}
	r := &restoring{o: o, slots: slots, answer: ans, byMail: byMail}
	err = o.withMail(func(link mail.Slot) error {
		return o.Store.Update(ctx, func(tx Tx) error { return r.do(tx, link) })
	})
	if err != nil {
		o.Store.Unreserve(slots)
		return Restored{}, err
	}
	// The commit stands: from here on the old password opens nothing, the answer neither,
	// and the code is all there is. Whoever asked may have gone away since.
	err = o.erase(ctx, r.dead)
	return r.done, errors.Join(err, o.learn(ctx, r.p.ID))
}

// restoring is one answer being taken.
type restoring struct {
	o      *Office
	slots  []mail.Slot // for the code's lock and for R's
	answer keyring.Answer
	byMail bool
	p      mail.Person
	dead   []mail.Slot
	done   Restored
}

func (r *restoring) do(tx Tx, link mail.Slot) (err error) {
	r.dead = nil
	if r.p, err = tx.Person(r.answer.Person); mail.KindOf(err) == mail.Absent {
		return invalid("the answer is for somebody who is not here any more")
	}
	if err != nil {
		return err
	}
	seed, err := r.open(tx)
	if err != nil {
		return err
	}
	if err := r.forget(tx); err != nil {
		return err
	}
	if err := r.lock(tx, seed); err != nil {
		return err
	}
	r.p.Active = false
	if err := tx.SavePerson(r.p); err != nil {
		return err
	}
	if err := tx.SetSetting(restoredName(r.p.ID), tx.Now().Format(time.RFC3339)); err != nil {
		return err
	}
	return r.tell(tx, link)
}

// open opens the answer with the lock for R as it stands.
func (r *restoring) open(tx Tx) (seal.Secret, error) {
	if err := fresh(tx, r.answer); err != nil {
		return seal.Secret{}, err
	}
	_, sw, err := r.o.wrapForRecovery(tx, r.p.ID)
	if err != nil {
		return seal.Secret{}, err
	}
	pub, err := seal.ParsePublicKey(r.p.Public)
	if err != nil {
		return seal.Secret{}, err
	}
	return r.o.openAnswer(r.answer, sw, pub)
}

func (o *Office) openAnswer(a keyring.Answer, sw seal.Secret, pub seal.PublicKey) (seal.Secret, error) {
	seed, err := o.App.OpenAnswer(a, sw, pub)
	if err != nil {
		return seal.Secret{}, invalid("the answer does not open: it was changed, or an answer for the same key was taken after its request was made")
	}
	return seed, nil
}

// fresh refuses an answer whose request is too old.
func fresh(tx Tx, a keyring.Answer) error {
	if age := tx.Now().Sub(a.Made); age > answerLife || age < -answerLife {
		return invalid("the request of this answer was made on %s: that is too long ago, make another one", a.Made.Format(time.DateOnly))
	}
	return nil
}

// forget takes away every lock that the person themself could open, the codes, and the app
// passwords.
func (r *restoring) forget(tx Tx) error {
	if err := deleteCodes(tx, r.p.ID); err != nil {
		return err
	}
	if err := dropAppPasswords(tx, r.p.ID, mail.ActorSystem); err != nil {
		return err
	}
	dead, err := dropOpeners(tx, r.p.ID, mail.ActorSystem)
	if err != nil {
		return err
	}
	r.dead = append(r.dead, dead...)
	for _, kind := range []mail.SeedKind{mail.SeedPassword, mail.SeedRecoveryCode, mail.SeedInvitation} {
		old, err := tx.DeleteSeedWrap(r.p.ID, kind)
		if err != nil && mail.KindOf(err) != mail.Absent {
			return err
		}
		r.dead = append(r.dead, old)
	}
	rows, err := invitationsOf(tx, r.p.ID)
	if err != nil {
		return err
	}
	for _, row := range rows { // its code is dead
		r.dead = append(r.dead, row.Slot)
		if err := tx.SaveOutgoing(outbox.Emptied(row)); err != nil {
			return err
		}
	}
	return nil
}

// lock locks the seed under a fresh code, and to R under a fresh slot.
func (r *restoring) lock(tx Tx, seed seal.Secret) error {
	app, u := r.o.App, r.p.ID
	sc, sr := seal.NewSecret(), seal.NewSecret()
	toR, err := keyring.SealSeedTo(keyring.SeedByRecoveryKey, r.o.Recovery, u, sr, seed)
	if err != nil {
		return err
	}
	code := mail.NewLinkCode()
	secret := app.Code(code.Secret())
	var writes []mail.SlotWrite
	for i, key := range []seal.Secret{sc, sr} {
		writes = append(writes, r.o.sealSlot(r.slots[i], key))
	}
	if err := tx.PutSlots(writes); err != nil {
		return err
	}
	for _, w := range []mail.SeedWrap{
		{Person: u, Kind: mail.SeedInvitation, Slot: r.slots[0], Box: keyring.SealSeed(keyring.SeedByInvitation, u, secret.L, sc, seed)},
		{Person: u, Kind: mail.SeedRecoveryKey, Slot: r.slots[1], Box: toR},
	} {
		old, err := tx.PutSeedWrap(w)
		if err != nil {
			return err
		}
		r.dead = append(r.dead, old)
	}
	until := tx.Now().AddDate(0, 0, restoreDays)
	r.done = Restored{Person: u, Code: code, Until: until}
	return tx.PutCode(mail.Code{ID: mail.NewID(), Kind: mail.CodeInvitation, Locator: secret.Locator, Holder: u, Expires: until})
}

// tell writes it down, and tells the person.
func (r *restoring) tell(tx Tx, link mail.Slot) error {
	profile, err := r.o.Profile(r.p)
	if err != nil {
		return err
	}
	r.done.Address = profile.Address
	n := mail.Notice{Kind: mail.NoticeRecovered, At: tx.Now(), Until: r.done.Until}
	detail := "hand"
	if r.byMail {
		n.Code, n.MustTLS, detail = r.done.Code.Text(), true, "mail"
	}
	if err := tx.Note(mail.Event{Kind: journal.Recovered, At: tx.Now(), Actor: mail.ActorSystem, Part: "recover", Holder: r.p.ID, Detail: detail}); err != nil {
		return err
	}
	return r.o.post(tx, link, r.p, n)
}

// restoredName is the setting that says when a person's access was last restored.
func restoredName(person mail.ID) string { return "restored." + person.String() }

// restored reports whether a person has been here, though the row says never: the access
// was restored, and no new password was chosen yet.
func restored(tx ReadTx, p mail.Person) (bool, error) {
	if p.Active {
		return false, nil
	}
	_, err := tx.Setting(restoredName(p.ID))
	if mail.KindOf(err) == mail.Absent {
		return false, nil
	}
	return err == nil, err
}
