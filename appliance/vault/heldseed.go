package vault

import "sigill/appliance/mail"

const heldSeedColumns = `person, slot, box, at`

func scanHeldSeed(s scanner) (h mail.HeldSeed, err error) {
	return h, s.Scan(intoID{&h.Person}, intoShred{&h.Slot}, intoBox{&h.Box}, intoTime{&h.At})
}

// HeldSeed returns the seed of a person that the server opens. The error is Absent if
// there is none.
func (tx *ReadTx) HeldSeed(person mail.ID) (mail.HeldSeed, error) {
	return one(tx.c, scanHeldSeed, `
		SELECT `+heldSeedColumns+`
		FROM held_seed
		WHERE person = ?`, person[:])
}

// HeldSeeds returns how many people's seeds the server can open.
func (tx *ReadTx) HeldSeeds() (int, error) {
	return one(tx.c, func(s scanner) (n int, err error) { return n, s.Scan(&n) }, `
		SELECT count(*)
		FROM held_seed`)
}

// PutHeldSeed keeps one; there must be none of the person.
func (tx *Tx) PutHeldSeed(h mail.HeldSeed) error {
	_, err := tx.c.exec(`
		INSERT INTO held_seed (`+heldSeedColumns+`)
		VALUES (?, ?, ?, ?)`, h.Person[:], int64(h.Slot.N), full(h.Box), ms(h.At))
	tx.name(h.Slot)
	return err
}

// DeleteHeldSeed takes a person's away. It returns the slot, which the caller erases after
// the commit; zero if there was none.
func (tx *Tx) DeleteHeldSeed(person mail.ID) (mail.Slot, error) {
	return single(tx.dropWraps("held_seed", `person = ?`, person[:]))
}

// DeleteSpareHeldSeeds takes away those of everybody who has a password, or an invitation
// by which to choose one. It returns the slots, which the caller erases after the commit.
func (tx *Tx) DeleteSpareHeldSeeds() ([]mail.Slot, error) {
	return tx.dropWraps("held_seed", `EXISTS (SELECT 1 FROM seed_wrap AS s WHERE s.person = held_seed.person AND s.kind IN (?, ?))`,
		int64(mail.SeedPassword), int64(mail.SeedInvitation))
}

func single(list []mail.Slot, err error) (mail.Slot, error) {
	if err != nil || len(list) == 0 {
		return mail.Slot{}, err
	}
	return list[0], nil
}
