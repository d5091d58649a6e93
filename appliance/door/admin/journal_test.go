package admin_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"sigill/appliance/door/doortest"
	"sigill/appliance/journal"
	"sigill/appliance/locale"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// keeping is a journal in memory.
type keeping struct {
	list   []journal.Entry
	signed journal.Checkpoint
}

func (k *keeping) note(t *testing.T, n int, e mail.Event) {
	t.Helper()
	for range n {
		var last journal.Entry
		if len(k.list) > 0 {
			last = k.list[len(k.list)-1]
		}
		next, err := journal.Follow(last, e)
		if err != nil {
			t.Fatal(err)
		}
		k.list = append(k.list, next)
	}
}

func (k *keeping) Head(context.Context) (int64, journal.Checkpoint, error) {
	return int64(len(k.list)), k.signed, nil
}

func (k *keeping) Where(_ context.Context, q journal.Query, n int) ([]journal.Entry, error) {
	list := slices.Clone(k.list[q.From-1 : q.To-1])
	list = slices.DeleteFunc(list, func(e journal.Entry) bool {
		return q.Kind != "" && e.Kind != q.Kind || q.Actor != nil && e.Actor != *q.Actor
	})
	if !q.Oldest {
		slices.Reverse(list)
	}
	return list[:min(n, len(list))], nil
}

func (k *keeping) At(_ context.Context, at time.Time) (int64, error) {
	for i, e := range k.list {
		if !e.At.Before(at) {
			return int64(i) + 1, nil
		}
	}
	return int64(len(k.list)) + 1, nil
}

// auditor signs in somebody who may read the journal, and nothing else.
func (h *house) auditor() *doortest.Browser {
	id := h.person("rev@k.se", "Rut Revisor", mail.RootUnit, true)
	h.tree.PutPerson(org.Person{ID: id, Address: "rev@k.se", Name: "Rut Revisor", Active: true, Roles: mail.RoleAuditor})
	return h.signsIn(id)
}

// rows counts the entries on the page.
func rows(b *doortest.Browser) int { return strings.Count(b.Page, `<th scope="row">`) }

func TestJournalPage(t *testing.T) {
	h := newHouse(t)
	at := time.Date(2026, 4, 25, 23, 59, 58, 0, time.UTC)
	letter, copy := mail.NewID(), mail.NewID()
	her := h.auditor()
	t.Run("an empty journal says so", func(t *testing.T) {
		her.Get("/journal").Sees("Ingen ännu", "Ingen sådan händelse", "sigill journal verify").Gets(http.StatusOK, "")
	})
	h.kept.note(t, 1, mail.Event{Kind: journal.Accepted, At: at, Actor: mail.ActorSender, Message: letter, Holder: copy, Detail: "portal"})
	h.kept.note(t, 20_100, mail.Event{Kind: journal.NoticeSent, At: at, Actor: mail.ActorSystem, Part: "courier"})
	h.kept.note(t, 1, mail.Event{Kind: journal.Recalled, At: at, Actor: mail.ActorAdmin, Who: [32]byte{0xAA}})
	h.kept.note(t, 1, mail.Event{Kind: "of_tomorrow", At: at, Actor: 99})
	h.kept.signed = journal.Checkpoint{Size: 20_000, At: at}

	t.Run("the newest come first, a hundred a page, and there is a way to the older ones and back", func(t *testing.T) {
		her.Get("/journal").Sees("20103", "händelse 20000, 25 april 23:59", "2026-04-25 23:59:58", "<td>Brev återkallades", "Administratör", "Avisering levererades", "courier", "before=20004").SeesNot("before=0")
		if n := rows(her); n != 100 {
			t.Errorf("%d entries", n)
		}
		her.Get("/journal?before=20004").Sees(">20003<", ">19904<", `href="/journal"`, "before=19904").SeesNot(">20004<")
		if her.Get("/journal?before=2"); rows(her) != 1 || strings.Contains(her.Page, ">Äldre<") {
			t.Errorf("%d entries\n%s", rows(her), her.Page)
		}
	})
	t.Run("ids are short, and whole in a title", func(t *testing.T) {
		her.Get("/journal?before=2").Sees(`title="`+letter.String()+`">`+letter.String()[:8]+"<", `title="`+copy.String()+`">`, "Brev togs emot", "Avsändare via e-post", "<td>portal</td>")
	})
	t.Run("a kind of a later program is its word, and an actor that is none is unknown", func(t *testing.T) {
		her.Get("/journal").Sees(">of_tomorrow<", "Okänd")
	})
	t.Run("what cannot be asked for is the newest page of every kind", func(t *testing.T) {
		for _, q := range []string{"before=0", "before=-5", "before=x", "before=99999", "before=9223372036854775807", "before=9223372036854775808", "kind=secret", "kind=of_tomorrow", "kind=%27--"} {
			her.Get("/journal?"+q).Gets(http.StatusOK, "")
			if her.Sees(">20103<", "<td>Brev återkallades").SeesNot("letats igenom"); rows(her) != 100 {
				t.Errorf("%s: %d entries", q, rows(her))
			}
		}
	})
	t.Run("of a kind, twenty thousand are looked through, and there is a way on", func(t *testing.T) {
		her.Get("/journal?kind=accepted").Sees("Händelse 104 till 20103 har letats igenom", "Ingen sådan händelse", "Leta längre bakåt", "/journal?before=104&kind=accepted", `value="accepted" selected`)
		her.Get("/journal?before=104&kind=accepted").Sees("Händelse 1 till 103 har letats igenom", letter.String()).SeesNot("Leta längre", ">Äldre<")
		if rows(her) != 1 {
			t.Errorf("%d entries", rows(her))
		}
		her.Get("/journal?kind=notice_sent").Sees("Händelse 20002 till 20103 har letats igenom", ">Äldre<", "/journal?before=20002&kind=notice_sent").SeesNot("Leta längre", "<td>Brev återkallades")
		if rows(her) != 100 {
			t.Errorf("%d entries", rows(her))
		}
	})
	t.Run("by who has acted, and the oldest first", func(t *testing.T) {
		her.Get("/journal?actor=sender").Sees("Händelse 104 till 20103 har letats igenom", "/journal?actor=sender&before=104", `value="sender" selected`, "Visa alla")
		her.Get("/journal?actor=sender&order=oldest").Sees("Äldsta först", "Händelse 1 till 20000 har letats igenom", letter.String(), "Leta längre fram", "/journal?actor=sender&after=20000&order=oldest")
		her.Get("/journal?actor=sender&order=oldest&after=20000").Sees("Händelse 20001 till 20103 har letats igenom", "Ingen sådan händelse", ">Äldsta<").SeesNot("Leta längre", ">Nyare<")
		her.Get("/journal?order=oldest").Sees(">1<", ">100<", ">Nyare<", "/journal?after=100&order=oldest").SeesNot(">101<", "letats igenom")
		her.Get("/journal?kind=accepted&actor=admin&order=oldest").SeesNot(letter.String())
	})
	t.Run("by day, of the house, which no number has to be known for", func(t *testing.T) {
		next := at.AddDate(0, 0, 2)
		h.kept.note(t, 3, mail.Event{Kind: journal.Opened, At: next, Actor: mail.ActorGuest})
		her.Get("/journal?day=2026-04-27").Sees(">20106<", `value="2026-04-27"`, `value="20104"`).SeesNot(">20103<", "letats igenom", ">Äldre<")
		her.Get("/journal?day=2026-04-26&until=2026-04-26").Sees("Ingen sådan händelse").SeesNot("letats igenom")
		her.Get("/journal?until=2026-04-25").Sees(">20103<", "/journal?before=20004&until=2026-04-25").SeesNot(">20104<")
		her.Get("/journal?day=2026-04-27&until=2026-04-25&kind=opened").Sees("Ingen sådan händelse").SeesNot("letats igenom")
		her.Get("/journal?day=nonsense&until=2026-13-01&actor=king").Sees(">20106<", ">20103<")
	})
	t.Run("the file has what is chosen, and its name says how far it goes", func(t *testing.T) {
		her.Get("/journal?actor=guest&day=2026-04-27").Sees(`<input type="hidden" name="actor" value="guest">`, "de händelser som du har valt")
		list := records(her.Get("/journal/csv?actor=guest&day=2026-04-27&from=20105"))
		if len(list) != 3 || list[1][0] != "20105" || !strings.Contains(her.File, "journal-20105-20106.csv") {
			t.Errorf("%q, %q", list, her.File)
		}
		if list := records(her.Get("/journal/csv?kind=accepted&from=1")); len(list) != 2 {
			t.Errorf("%d", len(list))
		}
		h.kept.list = h.kept.list[:20_103]
	})
	t.Run("the file has ten thousand from a number on, with whole ids and no formula", func(t *testing.T) {
		her.Get("/journal").Sees(`value="10104"`)
		list := records(her.Get("/journal/csv?from=1").Gets(http.StatusOK, ""))
		want := "1|2026-04-25T23:59:58.000Z|accepted|Brev togs emot|Avsändare via e-post||" + letter.String() + "|" + copy.String() + "|portal|" + fmt.Sprintf("%x", h.kept.list[0].Hash)
		if got := strings.Join(list[1], "|"); got != want || len(list) != 10_001 || len(list[0]) != len(list[1]) {
			t.Errorf("%d lines, first %q", len(list), got)
		}
		if list := records(her.Get("/journal/csv?from=20102")); len(list) != 3 || list[1][6] != "" || list[2][2] != "of_tomorrow" {
			t.Errorf("%q", list)
		}
		for from, n := range map[string]int{"x": 10_001, "-3": 10_001, "": 10_001, "20104": 1, "9223372036854775807": 1} {
			if list := records(her.Get("/journal/csv?from=" + from)); len(list) != n {
				t.Errorf("from %q: %d lines", from, len(list))
			}
		}
		h.kept.note(t, 1, mail.Event{Kind: journal.NoticeFailed, At: at, Detail: "=1+1"})
		if list := records(her.Get("/journal/csv?from=20104")); list[1][8] != "'=1+1" {
			t.Errorf("%q", list)
		}
	})
	t.Run("who is no auditor gets neither, an administrator does", func(t *testing.T) {
		karin := h.person("karin@k.se", "Karin Berg", mail.RootUnit, true)
		h.tree.Appoint(karin, mail.RootUnit, time.Time{})
		boss := h.person("it@k.se", "IT-drift", mail.RootUnit, true)
		h.tree.PutPerson(org.Person{ID: boss, Address: "it@k.se", Name: "IT-drift", Active: true, Roles: mail.RoleAdmin})
		for _, path := range []string{"/journal", "/journal/csv"} {
			h.signsIn(karin).Get(path).Gets(http.StatusNotFound, "")
			h.signsIn(boss).Get(path).Gets(http.StatusOK, "")
		}
		h.signsIn(karin).Get("/org").Sees("/org/usage").SeesNot(`href="/journal"`)
		for _, path := range []string{"/org", "/admin", "/org/domains", "/org/help"} {
			her.Get(path).Gets(http.StatusNotFound, "")
		}
		her.Get("/journal").Sees(`href="/journal" aria-current="page"`).SeesNot(`href="/org"`, `href="/admin"`)
	})
}

func TestJournalWords(t *testing.T) {
	cat, err := locale.Load(os.DirFS("../../../embed/locale"))
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range cat.Languages() {
		p, seen := cat.For(lang), map[string]string{}
		for _, k := range journal.Kinds() {
			words := ""
			if p.Has("journal." + k) {
				words = p.T("journal." + k)
			}
			if other, twice := seen[words]; words == "" || twice {
				t.Errorf("%s: %s is %q, and %s too", lang, k, words, other)
			}
			seen[words] = k
		}
		for k := mail.ActorNobody; k <= mail.ActorAdmin; k++ {
			if !p.Has("actor." + k.String()) {
				t.Errorf("%s: no word for %s", lang, k)
			}
		}
	}
}
