package mail_test

import (
	"encoding/json"
	"testing"

	"sigill/appliance/mail"
)

func TestReadReceipt(t *testing.T) {
	t.Run("a draft from before there were SMS says what it said", func(t *testing.T) {
		for in, want := range map[string]mail.ReadReceipt{`{"receipt":true}`: mail.ReceiptMail, `{"receipt":false}`: mail.ReceiptNone, `{}`: mail.ReceiptNone} {
			var f mail.Form
			if err := json.Unmarshal([]byte(in), &f); err != nil || f.Receipt != want {
				t.Errorf("%s: %v %v", in, f.Receipt, err)
			}
		}
	})
	t.Run("what is written is read again, and nothing else", func(t *testing.T) {
		for r := mail.ReceiptNone; r <= mail.ReceiptSMS; r++ {
			b, err := json.Marshal(mail.Form{Receipt: r})
			var f mail.Form
			if err != nil || json.Unmarshal(b, &f) != nil || f.Receipt != r {
				t.Errorf("%s %v", b, f.Receipt)
			}
			if got, ok := mail.ParseReadReceipt(r.String()); !ok || got != r {
				t.Errorf("%v is %v", r, got)
			}
		}
		var f mail.Form
		if json.Unmarshal([]byte(`{"receipt":3}`), &f) == nil {
			t.Error("3 was read")
		}
		if _, ok := mail.ParseReadReceipt("always"); ok {
			t.Error("a word that is none was read")
		}
	})
}
