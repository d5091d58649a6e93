package appliance_test

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"sigill/appliance"
)

// figures downloads the table of units: what stands behind the name of each.
func (o *organiser) figures() map[string]string {
	o.j.Helper()
	b := o.Get("/org/figures/csv?days=90&by=unit")
	if b.code != http.StatusOK || b.head.Get("Content-Type") != "text/csv" {
		o.j.Fatalf("%d %v", b.code, b.head)
	}
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(b.page, "\ufeff")))
	r.Comma = ';'
	list, err := r.ReadAll()
	if err != nil {
		o.j.Fatal(err)
	}
	lines := map[string]string{}
	for _, l := range list[1:] {
		lines[l[0]] = strings.Join(l[1:], " ")
	}
	return lines
}

func TestFigures(t *testing.T) {
	j := newJourney(t)
	j.Noon()
	const aid = "Socialförvaltningen / Ekonomiskt bistånd"
	// Letters, SMS, recipients, held, bounced, undelivered; read the same day, within three
	// days, within seven, later, never, not yet; closed.
	is := func(t *testing.T, want string) {
		t.Helper()
		if got := j.Organiser(karinAt).figures()[aid]; got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
	var to []string
	who := func(i int) (address, phone string) {
		return fmt.Sprintf("r%d@example.se", i), fmt.Sprintf("+4670123460%d", i)
	}
	for i := range 6 {
		address, phone := who(i)
		to = append(to, address+"."+strings.Replace(phone, "+46", "0", 1)+".s")
	}
	j.Send(letter{to: append(to, "utan@example.se.s"), subject: "Till sju", body: "Hej."})
	opens := func(i int) {
		address, phone := who(i)
		j.Browser().Opens(j.Await("email", address, 1), phone).Sees("Hej.")
		j.Turn(time.Minute)
	}
	t.Run("who waits for a number is counted, and nobody has read before they have", func(t *testing.T) {
		j.Turn(time.Minute)
		is(t, "1 0 7 1 0 0 0 0 0 0 0 7 0")
	})
	t.Run("who opens is counted once, by how many days it took", func(t *testing.T) {
		opens(0)
		opens(0)
		is(t, "1 2 7 1 0 0 1 0 0 0 0 6 0")
		j.Days(1)
		opens(1)
		j.Days(2)
		opens(2)
		j.Days(3)
		opens(3)
		is(t, "1 5 7 1 0 0 1 2 1 0 0 3 0")
	})
	t.Run("a new code is no new recipient, and the access that it ends has not ended unread", func(t *testing.T) {
		maria := j.Browser().SignsIn(caseworker).Get("/mail/sent").Follow(`/mail/[0-9a-z]{26}`)
		maria.Post(maria.recipientTarget("r5@example.se", maria.at), "do", "code").Sees("En ny kod är på väg")
		j.Turn(time.Minute)
		is(t, "1 5 7 1 0 0 1 2 1 0 0 3 0")
	})
	t.Run("a notice that comes back is counted on its day", func(t *testing.T) {
		back := strings.Trim(headerOf(j.Await("email", "r4@example.se", 1).Raw, "Return-Path"), "<>")
		report := "From: MAILER-DAEMON@mx.example.se\nTo: " + back + "\nSubject: Undelivered\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nNo.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.se\n\nFinal-Recipient: rfc822; r4@example.se\nAction: failed\nStatus: 5.1.1\n\n--b--\n"
		if err := j.TrySend(letter{from: "mailer-daemon@mx.example.se", to: []string{back}, raw: report}); err != nil {
			t.Fatal(err)
		}
		j.Turn(time.Minute)
		is(t, "1 5 7 1 1 0 1 2 1 0 0 3 0")
	})
	t.Run("what has ended unread is told, and the numbers stay when the letter is gone", func(t *testing.T) {
		j.Days(2)
		address, phone := who(5)
		j.Browser().Opens(j.Await("email", address, 2), phone).Sees("Hej.")
		j.Days(70)
		is(t, "1 6 7 1 1 0 1 2 1 1 2 0 0")
		karin := j.Organiser(karinAt)
		karin.Get("/org/figures?days=90").Sees("Brev till 7 mottagare", "Aldrig; brevet har tagit slut", "28 %", "role=\"img\"").SeesNot("example.se", "Till sju", "0701234", "Maria")
	})
	t.Run("a journal that is read again from the beginning comes to the same", func(t *testing.T) {
		if err := appliance.RecountFigures(j.demo); err != nil {
			t.Fatal(err)
		}
		is(t, "1 6 14 2 2 0 2 4 2 2 4 0 0") // beside what was counted
	})
}
