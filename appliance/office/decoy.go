package office

import (
	"crypto/rand"
	"encoding/json"

	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/seal"
)

// decoyReads is what the office reads where nobody is to learn by time what there is: each
// gives back the decoy where there is no such row, after another one was read.
type decoyReads interface {
	PersonOr(lookup [32]byte, decoy mail.Person) (mail.Person, error)
	SeedWrapOr(person mail.ID, kind mail.SeedKind, decoy mail.SeedWrap) (mail.SeedWrap, error)
	FactorOr(person mail.ID, decoy mail.Factor) (mail.Factor, error)
}

// decoy is an account that nobody has, of the shape of those that somebody has. What is
// tried at an address without an account is tried at the decoy: as much is read, opened and
// compared, with keys as good as any, and nothing of it ever fits. So the doors need no
// sleep, which would show under load, and no floor under their answers, which would make
// everybody wait for the slowest.
//
// It is made at each start, stands in memory alone, and is in no list of people.
type decoy struct {
	person mail.Person
	wraps  map[mail.SeedKind]mail.SeedWrap // by password and by recovery code
	slot   mail.SlotValue
	factor mail.Factor
}

// decoyProfile is about as long as what is known of a person.
const decoyProfile = 96

func newDecoy(app *keyring.App, public int) *decoy {
	d := &decoy{person: mail.Person{ID: mail.NewID(), Public: noise(public)}} // not active: nobody helps it
	d.person.Columns = app.SealProfile(d.person.ID, noise(decoyProfile))
	d.wraps = map[mail.SeedKind]mail.SeedWrap{
		mail.SeedPassword:     {Person: d.person.ID, Kind: mail.SeedPassword, Box: noise(keyring.PasswordBoxSize)},
		mail.SeedRecoveryCode: {Person: d.person.ID, Kind: mail.SeedRecoveryCode, Box: noise(seal.WrapSize)},
	}
	d.slot = app.SealSlot(byte(mail.Shred), 0, seal.NewSecret())
	secret, err := json.Marshal(mail.FactorSecret{TOTP: noise(20), Phone: "+46700000000"})
	if err != nil {
		panic("office: internal: " + err.Error()) // a struct of bytes and text
	}
	d.factor = mail.Factor{Person: d.person.ID, Box: app.SealFactor(d.person.ID, secret)}
	return d
}

func noise(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

// triedLock is a person's seed under one lock, with what opens the slot of it.
type triedLock struct {
	person mail.Person
	wrap   mail.SeedWrap
	slot   seal.Secret
	there  bool // else it is the decoy's, in part or whole: nothing may open by it
}

// lockAt finds the lock of who is at an address. Where there is nobody, or no such lock, or
// who has it is suspended, it is the decoy's, after as much work.
func (o *Office) lockAt(tx ReadTx, lookup [32]byte, kind mail.SeedKind) (at triedLock, err error) {
	if at.person, err = tx.PersonOr(lookup, o.decoy.person); err != nil {
		return at, err
	}
	of := at.person.ID
	if !at.person.Suspended.IsZero() {
		of = o.decoy.person.ID // has no row, and so the decoy's is given back
	}
	if at.wrap, err = tx.SeedWrapOr(of, kind, o.decoy.wraps[kind]); err != nil {
		return at, err
	}
	at.there = at.wrap.Person != o.decoy.person.ID
	if !at.there {
		at.person = o.decoy.person
		at.slot, err = o.App.OpenSlot(byte(mail.Shred), 0, o.decoy.slot)
		return at, err
	}
	at.slot, err = o.openSlot(tx, at.wrap.Slot)
	return at, err
}
