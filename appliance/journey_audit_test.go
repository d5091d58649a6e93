package appliance_test

import (
	"encoding/csv"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// acts downloads the journal from a number on, without its head.
func (b *browser) acts(from int) [][]string {
	b.j.Helper()
	b.Get("/journal/csv?from=" + strconv.Itoa(from))
	if b.code != http.StatusOK || !strings.HasPrefix(b.head.Get("Content-Disposition"), "attachment; ") || b.head.Get("Content-Type") != "text/csv" {
		b.j.Fatalf("%d %v", b.code, b.head)
	}
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(b.page, "\ufeff")))
	r.Comma = ';'
	list, err := r.ReadAll()
	if err != nil {
		b.j.Fatal(err)
	}
	if len(list) == 0 || len(list[0]) != 10 {
		b.j.Fatalf("%q", list)
	}
	return list[1:]
}

func TestAuditor(t *testing.T) {
	j := newJourney(t)
	boss, johan := j.Organiser(adminAt), j.Browser().SignsIn(johanAt)
	refused := func(t *testing.T, b *browser) {
		t.Helper()
		for _, path := range []string{"/journal", "/journal/csv", "/journal?kind=accepted&before=9"} {
			if b.Get(path); b.code != http.StatusNotFound {
				t.Errorf("%s: %d", path, b.code)
			}
		}
		b.Get("/mail").SeesNot(`href="/journal"`)
	}
	refused(t, johan)
	at := boss.person(johanAt)
	boss.Get(at).Post(at+"/roles", "role", "auditor").Sees("Ändringen är sparad")
	boss.adds("Bygglov", "ny@exempelkommun.se", "Ny Person")
	j.Send(letter{to: []string{annaSecure}, subject: "Beslut om bistånd", body: "Bara för dig."})
	j.Browser().Opens(j.Await("email", anna, 1), annaPhone).Sees("Bara för dig.")
	first := j.Browser().ShowCode(j.codeTo("ny@exempelkommun.se")).At("/welcome")
	first.Post("/welcome", "password", "fyra gröna hästar", "repeat", "fyra gröna hästar").At("/mail")
	secret := []string{"anna@", "701234567", "Maria Ek", "maria.ek", "bistånd", "Bara för dig", "ny@", "Ny Person", "it@", "@exempelkommun.se", "IT-drift"}

	t.Run("with the next press the auditor sees what has happened, and of whom nothing", func(t *testing.T) {
		johan.Get("/mail").Sees(`href="/journal"`)
		johan.Get("/journal").Sees("Roller ändrades", "Brev togs emot", "Brev öppnades", "Person loggade in första gången", "Avsändare via e-post", "Mottagare med kod", "Administratör")
		if johan.code != http.StatusOK || johan.head.Get("Cache-Control") != "no-store" {
			t.Errorf("%d %q", johan.code, johan.head.Get("Cache-Control"))
		}
		johan.SeesNot(secret...)
	})
	t.Run("of a kind there is that kind alone", func(t *testing.T) {
		johan.Get("/journal?kind=accepted").Sees("letats igenom", "<td>Brev togs emot</td>").SeesNot("<td>Roller ändrades</td>", "<td>Brev öppnades</td>")
	})
	t.Run("the file tells the same from any number on, unbroken, and the whole journal is in it", func(t *testing.T) {
		all := johan.acts(1)
		johan.SeesNot(secret...)
		var kinds []string
		for i, x := range all {
			if x[0] != strconv.Itoa(i+1) || len(x[9]) != 64 {
				t.Fatalf("line %d is %q", i+1, x)
			}
			if _, err := time.Parse(time.RFC3339, x[1]); err != nil {
				t.Error(err)
			}
			kinds = append(kinds, x[2])
		}
		for _, k := range []string{"started", "roles_changed", "accepted", "notice_sent", "opened", "activated"} {
			if !slices.Contains(kinds, k) {
				t.Errorf("no %s in %v", k, kinds)
			}
		}
		if later := johan.acts(3); len(later) < len(all)-2 || !slices.Equal(later[0], all[2]) {
			t.Errorf("%q, not %q", later[0], all[2])
		}
	})
	t.Run("the newest signed checkpoint is told", func(t *testing.T) {
		j.Turn(11 * time.Minute)
		johan.Get("/journal").Sees("Senaste signerade kontrollpunkt", "händelse ").SeesNot("Ingen ännu")
	})
	t.Run("an auditor is nothing but that, and a caseworker not even that", func(t *testing.T) {
		for _, path := range []string{"/admin", "/org", "/org/domains", at} {
			if johan.Get(path); johan.code != http.StatusNotFound {
				t.Errorf("%s: %d", path, johan.code)
			}
		}
		refused(t, j.Browser().SignsIn(caseworker))
		refused(t, j.Browser().SignsIn(karinAt))
		j.Browser().Get("/journal").At("/in")
		boss.Get("/journal").Sees("Roller ändrades")
	})
	t.Run("when the role is taken back, it is gone with the next press", func(t *testing.T) {
		johan.Get("/journal").Sees("Roller ändrades")
		boss.Get(at).Post(at + "/roles").Sees("Ändringen är sparad")
		refused(t, johan)
	})
}
