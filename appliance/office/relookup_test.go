package office_test

import (
	"strings"
	"testing"

	"sigill/appliance/mail"
	"sigill/appliance/vault"
)

func TestWhoWasLookedUpInAnotherForm(t *testing.T) {
	x := newTown(t)
	const kelvin, plain = mail.Address("\u212Aarl@example.se"), mail.Address("karl@example.se")
	p, err := x.registers(kelvin)
	fine(t, err)
	x.update(func(tx *vault.Tx) error { // as an earlier version has written them
		p.Lookup = x.app.Lookup(strings.ToLower(string(kelvin)))
		return tx.SavePerson(p)
	})
	if !x.isRecipient(plain) || x.isRecipient(kelvin) {
		t.Fatal("this is not how it was")
	}
	x.Office = x.another()
	t.Run("after a start they are found at their own address, and not at another's", func(t *testing.T) {
		if x.isRecipient(plain) || !x.isRecipient(kelvin) {
			t.Errorf("at the other's: %v, at their own: %v", x.isRecipient(plain), x.isRecipient(kelvin))
		}
	})
	t.Run("and whoever has the other address registers there", func(t *testing.T) {
		_, err := x.registers(plain)
		fine(t, err)
	})
}
