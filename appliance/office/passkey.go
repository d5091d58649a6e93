package office

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/journal"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/seal"
)

// passkeyReads is what the office reads of passkeys. What is not there is mail.Absent.
type passkeyReads interface {
	Passkey(id mail.ID) (mail.Passkey, error)
	Passkeys(person mail.ID) ([]mail.Passkey, error)
	PasskeyOf(credential [32]byte) (mail.Passkey, error)
}

// passkeyWrites is what it writes of them.
type passkeyWrites interface {
	PutPasskey(mail.Passkey) error
	UsePasskey(mail.Passkey) error
	DeletePasskey(person, id mail.ID) (mail.Slot, error)
}

// Passkey is a passkey by which a person signs in.
type Passkey struct {
	ID         mail.ID
	Name       string
	Credential []byte // what its signatures are checked by; see mail.PasskeyColumns
	Opens      bool   // it opens the key, too: no password is asked for
	At, Used   time.Time
}

// NewPasskey is a passkey that a browser has just made for who is signed in.
type NewPasskey struct {
	Name       string
	ID         []byte // the credential's, by which it is found
	Credential []byte
	PRF        []byte // what it gave for the key; empty: it gives nothing
}

// AddPasskey gives a person one more passkey, and tells them. The errors for people are
// Invalid for a name that will not do, for more than there may be, for who has no second
// factor, and for a passkey that is known already; and Denied, see ChangePassword.
func (o *Office) AddPasskey(ctx context.Context, by access.Owner, n NewPasskey) error {
	name := strings.TrimSpace(n.Name)
	if !goodAppName(name) {
		return mail.E(mail.Invalid, "error.passkey.name", nil)
	}
	p, id := by.Person, mail.NewID()
	columns, err := json.Marshal(mail.PasskeyColumns{Name: name, Credential: n.Credential})
	if err != nil {
		return fmt.Errorf("passkey: %w", err)
	}
	row := mail.Passkey{ID: id, Person: p.ID, Credential: o.App.Credential(n.ID), Columns: o.App.SealPasskey(id, columns)}
	slots, err := o.Store.Reserve(mail.Shred, 1)
	if err != nil {
		return err
	}
	var fill []mail.SlotWrite
	if lock := o.App.PasskeyLock(n.PRF); !lock.IsZero() {
		key := seal.NewSecret()
		row.Slot, row.Lock = slots[0], keyring.SealSeed(keyring.SeedByPasskey, p.ID, lock, key, by.Key.Seed())
		fill = append(fill, o.sealSlot(slots[0], key))
	}
	err = o.tell(ctx, p, mail.Notice{Kind: mail.NoticePasskey, At: o.Clock.Now()}, func(tx Tx) error {
		if err := mayAddPasskey(tx, by, row); err != nil {
			return err
		}
		if err := tx.PutSlots(fill); err != nil {
			return err
		}
		row.At = tx.Now()
		if err := tx.PutPasskey(row); err != nil {
			return err
		}
		return note(tx, journal.PasskeyMade, p, "")
	})
	if err != nil || len(fill) == 0 {
		o.Store.Unreserve(slots)
	}
	return err
}

// mayAddPasskey holds a new passkey against the rules. There must be a second factor:
// printed codes, a reserve phone and an organiser's help all hang on it, and a passkey is
// lost with the machine in which it is.
func mayAddPasskey(tx Tx, by access.Owner, row mail.Passkey) error {
	if err := still(tx, by); err != nil {
		return err
	}
	_, err := tx.Factor(by.Person.ID)
	if mail.KindOf(err) == mail.Absent {
		return mail.E(mail.Invalid, "error.passkey.factor", nil)
	}
	if err != nil {
		return err
	}
	have, err := tx.Passkeys(by.Person.ID)
	if err != nil {
		return err
	}
	if len(have) >= mail.MaxPasskeys {
		return mail.E(mail.Invalid, "error.passkey.many", nil)
	}
	_, err = tx.PasskeyOf(row.Credential)
	if err == nil {
		return mail.E(mail.Invalid, "error.passkey.known", nil)
	}
	if mail.KindOf(err) != mail.Absent {
		return err
	}
	return nil
}

// Passkeys returns a person's passkeys, the oldest first.
func (o *Office) Passkeys(ctx context.Context, person mail.ID) (list []Passkey, err error) {
	err = o.Store.View(ctx, func(tx ReadTx) error {
		list = nil
		rows, err := tx.Passkeys(person)
		if err != nil {
			return err
		}
		for _, row := range rows {
			k, err := o.openPasskey(row)
			if err != nil {
				return err
			}
			list = append(list, k)
		}
		return nil
	})
	return list, err
}

func (o *Office) openPasskey(row mail.Passkey) (Passkey, error) {
	b, err := o.App.OpenPasskey(row.ID, row.Columns)
	if err != nil {
		return Passkey{}, mail.E(mail.Internal, "error.internal", fmt.Errorf("open a passkey: %w", err))
	}
	var c mail.PasskeyColumns
	if err := json.Unmarshal(b, &c); err != nil {
		return Passkey{}, mail.E(mail.Internal, "error.internal", fmt.Errorf("read a passkey: %w", err))
	}
	return Passkey{row.ID, c.Name, c.Credential, !row.Slot.IsZero(), row.At, row.Used}, nil
}

// FindPasskey returns the passkey of a credential, and whose it is. The error is Absent if
// nobody's, and if who has it is suspended.
func (o *Office) FindPasskey(ctx context.Context, credential []byte) (p mail.Person, k Passkey, err error) {
	err = o.Store.View(ctx, func(tx ReadTx) error {
		row, err := tx.PasskeyOf(o.App.Credential(credential))
		if err != nil {
			return err
		}
		if k, err = o.openPasskey(row); err != nil {
			return err
		}
		if p, err = tx.Person(row.Person); err == nil && !p.Suspended.IsZero() {
			return mail.E(mail.Absent, "error.absent", nil) // as one that is nobody's
		}
		return err
	})
	return p, k, err
}

// UsePasskey keeps what a use has changed of a passkey, such as its count of signatures.
// The error is Absent if it was taken away meanwhile.
func (o *Office) UsePasskey(ctx context.Context, k Passkey) error {
	columns, err := json.Marshal(mail.PasskeyColumns{Name: k.Name, Credential: k.Credential})
	if err != nil {
		return fmt.Errorf("passkey: %w", err)
	}
	return o.Store.Update(ctx, func(tx Tx) error {
		return tx.UsePasskey(mail.Passkey{ID: k.ID, Columns: o.App.SealPasskey(k.ID, columns), Used: tx.Now()})
	})
}

// DropPasskey takes one of a person's passkeys away: it opens nothing any more, here and
// within a day in every backup. They are told. The errors are Absent for one that there is
// not, and Denied; see ChangePassword.
func (o *Office) DropPasskey(ctx context.Context, by access.Owner, id mail.ID) error {
	p := by.Person
	var dead mail.Slot
	err := o.tell(ctx, p, mail.Notice{Kind: mail.NoticePasskeyOff, At: o.Clock.Now()}, func(tx Tx) (err error) {
		if err := still(tx, by); err != nil {
			return err
		}
		if dead, err = tx.DeletePasskey(p.ID, id); err != nil {
			return err
		}
		return note(tx, journal.PasskeyRemoved, p, "")
	})
	if err != nil {
		return err
	}
	return o.erase(ctx, []mail.Slot{dead})
}

// dropPasskeys takes all of a person's passkeys away: they may be in what was lost. It
// returns the slots to be erased after the commit.
func dropPasskeys(tx Tx, person mail.ID, actor mail.ActorKind) (dead []mail.Slot, err error) {
	list, err := tx.Passkeys(person)
	if err != nil {
		return nil, err
	}
	for _, k := range list {
		slot, err := tx.DeletePasskey(person, k.ID)
		if err != nil {
			return nil, err
		}
		dead = append(dead, slot)
		if err := tx.Note(mail.Event{Kind: journal.PasskeyRemoved, At: tx.Now(), Actor: actor, Part: "recover", Holder: person}); err != nil {
			return nil, err
		}
	}
	return dead, nil
}

// dropOpeners takes away all that opens a person's key without the password, as that gets
// another one: the passkeys, and what the server holds. It returns the slots to be erased
// after the commit.
func dropOpeners(tx Tx, person mail.ID, actor mail.ActorKind) ([]mail.Slot, error) {
	dead, err := dropPasskeys(tx, person, actor)
	if err != nil {
		return nil, err
	}
	held, err := tx.DeleteHeldSeed(person)
	return append(dead, held), err
}

// OpenByPasskey opens the key of whoever has a passkey, for access.SignIn.
func (o *Office) OpenByPasskey(ctx context.Context, passkey mail.ID, lock seal.Secret) (p mail.Person, seed seal.Secret, err error) {
	err = o.Store.View(ctx, func(tx ReadTx) error {
		row, err := tx.Passkey(passkey)
		if err != nil {
			return err
		}
		if p, err = tx.Person(row.Person); err != nil {
			return err
		}
		if row.Slot.IsZero() || !p.Suspended.IsZero() {
			return seal.ErrOpen
		}
		key, err := o.openSlot(tx, row.Slot)
		if err != nil {
			return err
		}
		seed, err = keyring.OpenSeed(keyring.SeedByPasskey, p.ID, lock, key, row.Lock)
		return err
	})
	return p, seed, deniedIfClosed(err)
}

// Shown is a passkey that was used just now, with what it gave for the key.
func (o *Office) Shown(p mail.Person, k Passkey, prf []byte) access.Shown {
	shown := access.Shown{Person: p, Passkey: k.ID}
	if k.Opens {
		shown.Lock = o.App.PasskeyLock(prf)
	}
	return shown
}
