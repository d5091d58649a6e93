package appliance_test

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"sigill/appliance"
)

const socialAt = "socialtjansten@exempelkommun.se"

// mailbox makes a function mailbox of the social services with these readers, and returns
// its id.
func (o *organiser) mailbox(readers ...string) string {
	o.j.Helper()
	unit := o.unit("Socialförvaltningen")
	o.Get(unit).Post(unit+"/mailbox", "form", "mailbox", "name", "Socialtjänsten", "address", socialAt).Sees("Socialtjänsten", "Ingen läser här")
	id := strings.TrimPrefix(o.at, "/org/mailbox/")
	for _, who := range readers {
		o.seats(id, who, "now")
	}
	return id
}

func (o *organiser) seats(mailbox, who, from string) *browser {
	o.j.Helper()
	at := "/org/mailbox/" + mailbox
	return o.Get(at).Post(at+"/join", "form", "reader", "address", who, "from", from)
}

// first opens the first letter of a list.
func (b *browser) first() *browser {
	b.j.Helper()
	return b.Follow("/mail/[0-9a-z]{26}")
}

func TestFunctionMailbox(t *testing.T) {
	dir := t.TempDir()
	j := newJourneyIn(t, dir)
	karin := j.Organiser(karinAt)
	id := karin.mailbox(caseworker)
	box, at := "/box/"+id, "/org/mailbox/"+id
	maria, johan := j.Browser().SignsIn(caseworker), j.Browser().SignsIn(johanAt)
	sends := func(subject, body string) {
		j.Send(letter{from: johanAt, to: []string{socialAt + ".s"}, subject: subject, body: body})
	}
	t.Run("who reads there is told, and finds it beside their own mail", func(t *testing.T) {
		if m := j.Await("email", caseworker, 1); !strings.Contains(m.Text, "Maria Ek läser nu i Socialtjänsten") {
			t.Errorf("%q", m.Text)
		}
		maria.Get("/mail").Sees("Socialtjänsten", box)
		karin.Get("/mail").SeesNot(box) // who organises it does not read it
		for _, b := range []*browser{johan, karin.browser} {
			if b.Get(box); b.code != http.StatusNotFound {
				t.Errorf("%s: %d", b.at, b.code)
			}
		}
	})
	sends("Orosanmälan", "Ring om barnet på Storgatan.")
	var first string
	t.Run("a letter to its address comes there, sealed, and its readers are told; no person is made of the address", func(t *testing.T) {
		if m := j.Await("email", caseworker, 2); !strings.Contains(m.Text, "Ett nytt brev har kommit till Socialtjänsten") || strings.Contains(m.Text, "Orosanmälan") {
			t.Errorf("%q", m.Text)
		}
		maria.Get(box).Sees("Orosanmälan").first().Sees("Storgatan", "Ingen har hand om")
		first = maria.at
		maria.Get("/mail").SeesNot("Orosanmälan")
		if n := len(j.Trapped("email", socialAt)); n != 0 {
			t.Errorf("%d mails to the mailbox itself", n)
		}
		if johan.Get(first); johan.code != http.StatusNotFound {
			t.Errorf("%d", johan.code)
		}
	})
	t.Run("who joins from now on reads what comes from then on", func(t *testing.T) {
		sends("Inte läst", "Hej.")
		karin.seats(id, johanAt, "now").Sees("Johan Lind")
		sends("Nytt ärende", "Hej igen.")
		sends("Och ett till", "Hej.")
		johan.Get(box).Sees("Nytt ärende", "Från tiden innan", `<span class="count">2 olästa</span>`).SeesNot("Orosanmälan")
		johan.Get(box + "?show=unread").Sees("Och ett till").SeesNot("Från tiden innan")
		if johan.Get(first); johan.code != http.StatusNotFound {
			t.Errorf("%d", johan.code)
		}
	})
	t.Run("who asks for what came before gets it from a colleague, with the password", func(t *testing.T) {
		karin.seats(id, johanAt, "start").Sees("Ber om äldre")
		maria.Get("/mail").Sees("Johan Lind vill läsa")
		maria.Get(box+"/people").Post(box+"/give", "person", karin.people[johanAt]).At(box + "/people")
		johan.Get(box).Sees("Orosanmälan").SeesNot("Från tiden innan")
		johan.Get(first).Sees("Storgatan")
	})
	t.Run("one has it, colleagues see who, and what they note", func(t *testing.T) {
		maria.Get(first).Post(first + "/claim").Sees("Du har hand om")
		johan.Get(box).Sees("Hos Maria Ek").Get(first).Post(first + "/claim").Sees("redan")
		if johan.code != http.StatusUnprocessableEntity {
			t.Errorf("%d", johan.code)
		}
		johan.Post(first+"/remark", "text", "Hon svarar på <b>fredag</b>.").Sees("Hon svarar på <b>fredag</b>.")
		maria.Get(first).Sees("Hon svarar på", "Johan Lind")
		johan.Post(first + "/release").Sees("Ingen har hand om")
	})
	t.Run("a letter in its name is everybody's to follow, and the answer comes there and to who wrote it", func(t *testing.T) {
		karin.Get(at).Post(at+"/change", "form", "change", "name", "Socialtjänsten", "unit", karin.units["Socialförvaltningen"], "rule", "writer", "alarm", "2").Sees("Ändringen är sparad")
		maria.Get(box+"/write").SendForm(box+"/write", []fill{{"to", "anna@example.se"}, {"phone", "0701234567"}, {"subject", "Från oss"}, {"text", "Hej Anna."}, {"do", "send"}}, nil)
		draft := strings.TrimSuffix(maria.at, "/check")
		maria.Sees("Socialtjänsten").Post(draft + "/send").At(box + "/sent").Sees("Från oss")
		guest := j.Browser().Opens(j.Await("email", "anna@example.se", 1), "+46701234567").Sees("Hej Anna.", "Socialtjänsten")
		guest.Get("/m/letter/reply").Upload("/m/letter/reply", "Tack, jag kommer.", nil).Sees("Ditt svar har kommit fram")
		johan.Get(box+"/sent").Sees("Från oss", "Läst").first().Sees("Skrivet av Maria Ek")
		johan.Get(box).Sees("Re: Från oss")
		maria.Get("/mail").Sees("Re: Från oss").first().Sees("jag kommer")
	})
	t.Run("what lies unread is told after two working days, to readers and substitutes", func(t *testing.T) {
		karin.Get(at).Post(at+"/substitute", "form", "substitute", "address", karinAt).SeesNot("Ingen i organisationen")
		j.Days(7)
		j.AwaitSaying("email", karinAt, "brev till Socialtjänsten har inte lästs")
	})
	t.Run("who leaves is out with the next press, and what comes opens for those who stay", func(t *testing.T) {
		maria, johan = j.Browser().SignsIn(caseworker), j.Browser().SignsIn(johanAt)
		johan.Get(first).Sees("Storgatan")
		karin = j.Organiser(karinAt)
		karin.look()
		karin.Get(at).Post(at+"/leave", "person", karin.people[johanAt]).SeesNot("Johan Lind")
		for _, path := range []string{box, first, box + "/people"} {
			if johan.Get(path); johan.code != http.StatusNotFound {
				t.Errorf("%s: %d", path, johan.code)
			}
		}
		sends("Efteråt", "Hej.")
		maria.Get(box).Sees("Efteråt").Get(first).Sees("Storgatan")
	})
	t.Run("all of it is there after a restart", func(t *testing.T) {
		j.stop()
		again := newJourneyIn(t, dir)
		maria := again.Browser().SignsIn(caseworker)
		maria.Get(box).Sees("Efteråt", "Orosanmälan").Get(first).Sees("Storgatan", "Hon svarar på")
	})
}

func TestRecoveryOfAFunctionMailbox(t *testing.T) {
	dir := t.TempDir()
	j := newJourneyIn(t, dir)
	karin := j.Organiser(karinAt)
	id := karin.mailbox(caseworker)
	j.Send(letter{from: johanAt, to: []string{socialAt + ".s"}, subject: "Kvar", body: "Finns kvar."})
	karin.Post("/org/mailbox/"+id+"/leave", "person", karin.look().people[caseworker])
	karin.seats(id, johanAt, "start").Sees("Johan Lind")
	johan := j.Browser().SignsIn(johanAt)
	johan.Get("/box/" + id).Sees("Från tiden innan")
	t.Run("when nobody is left who could give it, the recovery kit does", func(t *testing.T) {
		out := &strings.Builder{}
		kit := filepath.Join(dir, "keys", "recovery-kit.txt")
		r := appliance.Recovery{In: strings.NewReader(""), Out: out}
		for range 4 { // a key each
			if err := r.All(t.Context(), appliance.DemoPlaces(dir), socialAt, []string{kit}, false); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			if !strings.Contains(out.String(), "make another request") {
				break
			}
			out.Reset()
		}
		if !strings.Contains(out.String(), johanAt) {
			t.Errorf("%s", out)
		}
		johan.Get("/box/" + id).Sees("Kvar").first().Sees("Finns kvar.")
	})
}
