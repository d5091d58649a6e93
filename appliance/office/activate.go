package office

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"sigill/appliance/access"
	"sigill/appliance/journal"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/seal"
)

// Activate takes a key over with an invitation's code: the seed is locked anew under
// a password that its owner chooses, and the invitation is erased. Everything that
// came before opens.
//
// The errors are Absent for a code that is none, Gone for one that was used, and
// Invalid for a password that will not do.
func (o *Office) Activate(ctx context.Context, code mail.ID, secret keyring.CodeSecret, password string) (mail.Person, *keyring.Person, error) {
	return o.activate(ctx, code, secret, password, func(_ ReadTx, p mail.Person) error {
		// Of a recipient who was invited the code is not enough; see ActivateRecipient. Who
		// comes back by the recovery kit has a second factor, which is asked for behind this.
		if p.Kind == mail.RecipientPerson && !p.Active {
			return mail.E(mail.Absent, "error.absent", nil)
		}
		return nil
	})
}

// activate is Activate of whom may lets in.
func (o *Office) activate(ctx context.Context, code mail.ID, secret keyring.CodeSecret, password string, may func(ReadTx, mail.Person) error) (mail.Person, *keyring.Person, error) {
	var p mail.Person
	var seed seal.Secret
	err := o.Store.View(ctx, func(tx ReadTx) error {
		c, err := tx.Code(code)
		if err != nil {
			return err
		}
		if c.Kind != mail.CodeInvitation || !o.Clock.Now().Before(c.Expires) {
			return mail.E(mail.Absent, "error.absent", nil)
		}
		if p, err = tx.Person(c.Holder); err != nil {
			return err
		}
		if !p.Suspended.IsZero() {
			return mail.E(mail.Absent, "error.absent", nil) // as a code that is none
		}
		if err := may(tx, p); err != nil {
			return err
		}
		seed, err = o.invited(tx, p, secret)
		return err
	})
	if err != nil {
		return p, nil, err
	}
	profile, err := o.Profile(p)
	if err != nil {
		return p, nil, err
	}
	if err := o.CheckPassword(password, profile); err != nil {
		return p, nil, err
	}
	p.Active = true
	done, err := o.setPassword(ctx, p, password, seed, func(tx Tx) ([]mail.Slot, error) {
		if err := tx.DeleteCode(code); err != nil {
			return nil, err
		}
		if err := shownAtActivation(tx, p.ID); err != nil {
			return nil, err
		}
		old, err := tx.DeleteSeedWrap(p.ID, mail.SeedInvitation)
		if err != nil {
			return nil, err
		}
		// Who has chosen a password was told that nobody else opens the mailbox. If they come
		// by the sign-on later, they are told what that means, and the server holds it then.
		held, err := tx.DeleteHeldSeed(p.ID)
		if err != nil {
			return nil, err
		}
		return []mail.Slot{old, held}, tx.Note(mail.Event{Kind: journal.Activated, At: tx.Now(), Actor: mail.ActorPerson})
	})
	if err != nil {
		return p, nil, err
	}
	ctx = context.WithoutCancel(ctx) // it stands: what follows from it is done whoever waits
	if err := errors.Join(o.learn(ctx, p.ID), o.erase(ctx, done.dead)); err != nil {
		return p, nil, err
	}
	return p, keyring.NewPerson(p.ID, seed), nil
}

func (o *Office) invited(tx ReadTx, p mail.Person, secret keyring.CodeSecret) (seal.Secret, error) {
	w, ok, err := wrapOf(tx, p.ID, mail.SeedInvitation)
	if err != nil {
		return seal.Secret{}, err
	}
	if !ok {
		return seal.Secret{}, mail.E(mail.Gone, "error.invitation.used", nil)
	}
	key, err := o.openSlot(tx, w.Slot)
	if err != nil {
		return seal.Secret{}, err
	}
	return keyring.OpenSeed(keyring.SeedByInvitation, p.ID, secret.L, key, w.Box)
}

// relocked is what setPassword has done.
type relocked struct {
	box  mail.Box    // the seed under the new password
	dead []mail.Slot // of what locked it before, for erase
}

// choosePassword holds a password against the rules, locks a seed under it, and tells the
// person. also is what goes with it; see setPassword.
func (o *Office) choosePassword(ctx context.Context, p mail.Person, password string, seed seal.Secret, tell mail.NoticeKind, also func(Tx) ([]mail.Slot, error)) (done relocked, err error) {
	profile, err := o.Profile(p)
	if err != nil {
		return relocked{}, err
	}
	if err := o.CheckPassword(password, profile); err != nil {
		return relocked{}, err
	}
	p.Active = true
	err = o.withMail(func(link mail.Slot) (err error) {
		done, err = o.setPassword(ctx, p, password, seed, func(tx Tx) ([]mail.Slot, error) {
			dead, err := also(tx)
			if err != nil {
				return nil, err
			}
			return dead, o.post(tx, link, p, mail.Notice{Kind: tell, At: tx.Now()})
		})
		return err
	})
	return done, err
}

// setPassword locks a seed under a password. When it returns no error the password
// stands, and what locked the seed before is still to be erased.
func (o *Office) setPassword(ctx context.Context, p mail.Person, password string, seed seal.Secret, also func(Tx) ([]mail.Slot, error)) (done relocked, err error) {
	slots, err := o.Store.Reserve(mail.Shred, 1)
	if err != nil {
		return relocked{}, err
	}
	key := seal.NewSecret()
	box, err := o.Stretch.SealSeedByPassword(ctx, p.ID, []byte(password), key, seed)
	if err != nil {
		o.Store.Unreserve(slots)
		return relocked{}, err
	}
	done.box = box
	err = o.Store.Update(ctx, func(tx Tx) error {
		var err error
		if done.dead, err = also(tx); err != nil {
			return err
		}
		if err := tx.PutSlots([]mail.SlotWrite{o.sealSlot(slots[0], key)}); err != nil {
			return err
		}
		old, err := tx.PutSeedWrap(mail.SeedWrap{Person: p.ID, Kind: mail.SeedPassword, Slot: slots[0], Box: box})
		if err != nil {
			return err
		}
		done.dead = append(done.dead, old)
		now, err := tx.Person(p.ID) // as it stands by now: roles may have been changed
		if err != nil {
			return err
		}
		if !now.Suspended.IsZero() { // meanwhile: no password opens anything
			return notSignedIn()
		}
		now.Active = p.Active
		return tx.SavePerson(now)
	})
	if err != nil {
		o.Store.Unreserve(slots)
		return relocked{}, err
	}
	return done, nil
}

// Login finds what a password is tried against, for access.SignIn. For who is suspended
// there is nothing, as for an address that nobody has: so it is at every door. Then ok is
// false, and l is a decoy against which a password takes as long, and never fits.
func (o *Office) Login(ctx context.Context, lookup [32]byte) (l access.Login, ok bool, err error) {
	err = o.Store.View(ctx, func(tx ReadTx) error {
		at, err := o.lockAt(tx, lookup, mail.SeedPassword)
		l, ok = access.Login{Person: at.person, Box: at.wrap.Box, Slot: at.slot}, at.there
		return err
	})
	return l, ok, err
}

// CheckPassword holds a new password against the rules: long enough, not too long,
// and nothing that a stranger would try first. No composition rules, no rotation. The error
// is Invalid.
func (o *Office) CheckPassword(password string, who mail.Profile) error {
	n := utf8.RuneCountInString(password)
	if n < access.MinPassword || len(password) > access.MaxPassword || !utf8.ValidString(password) {
		return mail.E(mail.Invalid, "error.password.length", nil).Tell("Min", fmt.Sprint(access.MinPassword))
	}
	low := strings.ToLower(password)
	for _, easy := range []string{who.Address.Local(), who.Address.Domain(), strings.ToLower(who.Name)} {
		if len(easy) >= 4 && strings.Contains(low, strings.ToLower(easy)) {
			return mail.E(mail.Invalid, "error.password.name", nil)
		}
	}
	if repeats(low) {
		return mail.E(mail.Invalid, "error.password.easy", nil)
	}
	if o.Leaked(password) {
		return mail.E(mail.Invalid, "error.password.leaked", nil)
	}
	return nil
}

// repeats reports whether a password is a short piece said over and over, or a row
// of neighbours such as "abcdefghijkl" or "123456789012".
func repeats(s string) bool {
	for n := 1; n <= 4 && n < len(s); n++ {
		if strings.Repeat(s[:n], len(s)/n+1)[:len(s)] == s {
			return true
		}
	}
	run := 0
	for i := 1; i < len(s); i++ {
		if d := int(s[i]) - int(s[i-1]); d == 1 || d == -1 || d == 9 || d == -9 {
			run++
		}
	}
	return run >= len(s)-1
}
