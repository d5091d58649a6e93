package mail

import (
	"fmt"
	"time"
)

// ReadReceipt is how somebody is told that a recipient has read a letter of theirs for the
// first time. The zero value: not at all. The numbers stand in rows and drafts.
type ReadReceipt uint8

// The ways.
const (
	ReceiptNone ReadReceipt = iota
	ReceiptMail
	ReceiptSMS // to their own proven phone; by mail where that cannot be
)

var receiptWords = [...]string{ReceiptNone: "none", ReceiptMail: "mail", ReceiptSMS: "sms"}

// String is the word in forms and catalogues.
func (r ReadReceipt) String() string {
	if int(r) < len(receiptWords) {
		return receiptWords[r]
	}
	return fmt.Sprintf("read receipt %d", uint8(r))
}

// ParseReadReceipt reads what String wrote; false for anything else.
func ParseReadReceipt(s string) (ReadReceipt, bool) {
	for i, w := range receiptWords {
		if s == w {
			return ReadReceipt(i), true
		}
	}
	return ReceiptNone, false
}

// UnmarshalJSON reads a number. Drafts from before there were SMS say true.
func (r *ReadReceipt) UnmarshalJSON(b []byte) error {
	switch string(b) {
	case "0", "false", "null":
		*r = ReceiptNone
	case "1", "true":
		*r = ReceiptMail
	case "2":
		*r = ReceiptSMS
	default:
		return fmt.Errorf("mail: no read receipt %.10q", b)
	}
	return nil
}

// Reading is that a recipient has read a letter for the first time, of which a person is
// still to be told by SMS.
type Reading struct {
	Holder ID // the recipient's
	Person ID
	At     time.Time
}
