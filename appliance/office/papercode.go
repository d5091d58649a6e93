package office

import (
	"context"

	"sigill/appliance/access"
	"sigill/appliance/journal"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/seal"
)

// MakeRecoveryCode makes the code that a signed-in person keeps on paper against a
// forgotten password. The one before is dead. Nobody can show the code again. The error
// for people is Denied; see ChangePassword.
func (o *Office) MakeRecoveryCode(ctx context.Context, by access.Owner) (keyring.RecoveryCode, error) {
	p := by.Person
	slots, err := o.Store.Reserve(mail.Shred, 1)
	if err != nil {
		return keyring.RecoveryCode{}, err
	}
	code, sw, s := keyring.NewRecoveryCode(), seal.NewSecret(), slots[0]
	box := keyring.SealSeed(keyring.SeedByRecoveryCode, p.ID, o.App.RecoveryLockOf(code), sw, by.Key.Seed())
	var old mail.Slot
	err = o.Store.Update(ctx, func(tx Tx) error {
		if err := still(tx, by); err != nil {
			return err
		}
		if err := tx.PutSlots([]mail.SlotWrite{o.sealSlot(s, sw)}); err != nil {
			return err
		}
		var err error
		if old, err = tx.PutSeedWrap(mail.SeedWrap{Person: p.ID, Kind: mail.SeedRecoveryCode, Slot: s, Box: box}); err != nil {
			return err
		}
		return note(tx, journal.RecoveryCodeMade, p, "")
	})
	if err != nil {
		o.Store.Unreserve(slots)
		return keyring.RecoveryCode{}, err
	}
	return code, o.erase(ctx, []mail.Slot{old})
}

// HasRecoveryCode reports whether a person has a code on paper that was not used yet.
func (o *Office) HasRecoveryCode(ctx context.Context, person mail.ID) (ok bool, err error) {
	err = o.Store.View(ctx, func(tx ReadTx) error {
		_, ok, err = wrapOf(tx, person, mail.SeedRecoveryCode)
		return err
	})
	return ok, err
}

// UseRecoveryCode locks the key of who is at an address under a new password, if the code
// on paper opens it. The old password and the code open nothing after that, the app
// passwords are gone, and the person is told. Nobody is signed in by it: a second factor is still asked for.
//
// The error is Denied for a code that opens nothing and for an address that nobody has,
// alike; and Invalid, if the code was right, for a password that will not do: the code is
// still good then. The person is returned when the new password stands, and only then;
// there may be an error beside it. Who calls has counted the try; see access.Recovery.
func (o *Office) UseRecoveryCode(ctx context.Context, lookup [32]byte, code keyring.RecoveryCode, password string) (mail.Person, error) {
	p, w, seed, err := o.byPaper(ctx, lookup, code)
	if err != nil {
		return mail.Person{}, err
	}
	done, err := o.choosePassword(ctx, p, password, seed, mail.NoticePaperCode, func(tx Tx) ([]mail.Slot, error) {
		now, ok, err := wrapOf(tx, p.ID, mail.SeedRecoveryCode)
		if err != nil {
			return nil, err
		}
		if !ok || now.Slot != w.Slot { // somebody was quicker, or has made another one
			return nil, denied()
		}
		old, err := tx.DeleteSeedWrap(p.ID, mail.SeedRecoveryCode)
		if err != nil {
			return nil, err
		}
		if err := dropAppPasswords(tx, p.ID, mail.ActorPerson); err != nil {
			return nil, err
		}
		dead, err := dropOpeners(tx, p.ID, mail.ActorPerson)
		if err != nil {
			return nil, err
		}
		return append(dead, old), note(tx, journal.RecoveryCodeUsed, p, "")
	})
	if err != nil {
		return mail.Person{}, err
	}
	return p, o.erase(ctx, done.dead)
}

func denied() error { return mail.E(mail.Denied, "error.recover.code", nil) }

// byPaper opens a seed with the code on paper. Where there is nobody, or no code, or who
// has it is suspended, the same work is done on a decoy.
func (o *Office) byPaper(ctx context.Context, lookup [32]byte, code keyring.RecoveryCode) (p mail.Person, w mail.SeedWrap, seed seal.Secret, err error) {
	var at triedLock
	err = o.Store.View(ctx, func(tx ReadTx) (err error) {
		at, err = o.lockAt(tx, lookup, mail.SeedRecoveryCode)
		return err
	})
	if err != nil {
		return p, w, seed, err
	}
	seed, err = keyring.OpenSeed(keyring.SeedByRecoveryCode, at.person.ID, o.App.RecoveryLockOf(code), at.slot, at.wrap.Box)
	if err != nil || !at.there {
		return p, w, seal.Secret{}, denied()
	}
	return at.person, at.wrap, seed, nil
}
