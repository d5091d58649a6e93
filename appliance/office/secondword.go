package office

import (
	"encoding/json"
	"fmt"

	"sigill/appliance/mail"
)

// contactReads is what the office reads of the numbers that letters have gone to. What is
// not there is mail.Absent.
type contactReads interface {
	Contact(lookup [32]byte) (mail.Contact, error)
}

// SayNumber is what is said of an invitation to a phone when another one is known of its
// address, and that has not been confirmed.
const SayNumber = "error.recipient.number"

// secondWord returns what the journal holds of the phone that an inviter names: its tail, and
// whether it had to be confirmed. It has to if a PIN to another number was right for a letter
// to the address: then whoever has the named phone may be somebody else, to whom all its
// letters would go from now on. Unconfirmed that is Invalid (SayNumber).
func (o *Office) secondWord(tx ReadTx, n NewRecipient) (detail string, err error) {
	detail = "phone " + n.Phone.Tail()
	lookup := o.App.Lookup(n.Address.Key())
	row, err := tx.Contact(lookup)
	if mail.KindOf(err) == mail.Absent {
		return detail, nil
	}
	if err != nil {
		return "", err
	}
	b, err := o.App.OpenContact(lookup, row.Columns)
	if err != nil {
		return "", mail.E(mail.Internal, "error.internal", err)
	}
	var known mail.Columns
	if err := json.Unmarshal(b, &known); err != nil {
		return "", fmt.Errorf("contact: %w", err)
	}
	switch {
	case row.Worked.IsZero() || known.Phone == n.Phone:
		return detail, nil
	case !n.Confirmed:
		return "", mail.E(mail.Invalid, SayNumber, nil)
	}
	return detail + " confirmed", nil
}
