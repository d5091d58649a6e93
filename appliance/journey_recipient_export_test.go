package appliance_test

import (
	"strings"
	"testing"
)

// What a registered recipient is told to save before the account is closed is all there.
func TestARecipientExports(t *testing.T) {
	j, b := registered(t)
	b.Get("/mail").Follow("/mail/[0-9a-z]{26}").Follow("/mail/[0-9a-z]{26}/reply").Upload(b.at, "Mitt svar.", map[string]string{"a.txt": "bilaga"}).Sees("Ditt svar")
	page := b.Get("/mail/new").Follow("/mail/new/[0-9a-z]{26}").at
	b.SendForm(page, []fill{{"subject", "=En fråga"}, {"text", "När kommer ni?"}}, nil).At("/mail/sent")
	j.Send(letter{to: []string{"anna@example.se.s"}, subject: "Oläst", body: "Oläst text."})
	j.Await("email", anna, 3)
	key := ownKey(t)
	files := unpack(t, b.takes("/account/export", key.Recipient().String()), key)
	if came, sent := len(in(files, "inbox")), len(in(files, "sent")); came != 2 || sent != 2 {
		t.Errorf("%d came, %d were sent", came, sent)
	}
	table := files["index.csv"]
	if strings.Count(table, "\r\n") != 5 || !strings.Contains(table, `;"'=En fråga";`) {
		t.Errorf("%s", table)
	}
}
