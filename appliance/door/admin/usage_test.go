package admin_test

import (
	"context"
	"encoding/csv"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"sigill/appliance/door/doortest"
	"sigill/appliance/mail"
	"sigill/appliance/org"
	"sigill/appliance/usage"
)

// using is a meter that has counted what a test says.
type using struct {
	lines, stored []usage.Line
	figures       []usage.Figures
	first, last   usage.Day // what was asked for last
}

func (u *using) Used(_ context.Context, first, last usage.Day) ([]usage.Line, error) {
	u.first, u.last = first, last
	return slices.DeleteFunc(slices.Clone(u.lines), func(l usage.Line) bool { return l.Day < first || l.Day > last }), nil
}

func (u *using) UsedByUnit(ctx context.Context, first, last usage.Day) ([]usage.Line, error) {
	return u.Used(ctx, first, last)
}

func (u *using) Figures(_ context.Context, first, last usage.Day) ([]usage.Figures, error) {
	return slices.DeleteFunc(slices.Clone(u.figures), func(f usage.Figures) bool { return f.Day < first || f.Day > last }), nil
}

func (u *using) Stored(context.Context) ([]usage.Line, error) { return u.stored, nil }

func (h *house) below(parent mail.ID, name, code string) mail.ID {
	id := mail.NewID()
	h.tree.PutUnit(org.Unit{ID: id, Parent: parent, Kind: mail.Department, Label: org.Label{Name: name, CostCentre: code}})
	return id
}

func day(t *testing.T, s string) usage.Day {
	t.Helper()
	d, err := usage.ParseDay(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// records reads a file that was downloaded, without its mark.
func records(b *doortest.Browser) [][]string {
	b.Helper()
	text, ok := strings.CutPrefix(b.Page, "\ufeff")
	if !ok {
		b.Fatalf("%d: no mark at the beginning of %q", b.Status, b.Page)
	}
	r := csv.NewReader(strings.NewReader(text))
	r.Comma = ';'
	list, err := r.ReadAll()
	if err != nil {
		b.Fatal(err)
	}
	return list
}

// line finds a line of the file by one of its cells.
func line(list [][]string, cell string) string {
	for _, r := range list {
		if slices.Contains(r, cell) {
			return strings.Join(r, "|")
		}
	}
	return ""
}

func TestUsagePage(t *testing.T) {
	h := newHouse(t)
	social := h.below(mail.RootUnit, "Socialförvaltningen", "5100")
	children := h.below(social, "Barn och familj", "")
	aid := h.below(social, "=HYPERLINK(\"http://x\")", "5110")
	building := h.below(mail.RootUnit, "Bygglov", "2110")
	gone := mail.NewID()
	karin, maria, johan := h.person("karin@k.se", "Karin Berg", social, true), h.person("maria@k.se", "Maria Ek", aid, true), h.person("johan@k.se", "Johan Lind", children, true)
	berit, rut := h.person("berit@k.se", "Berit Bygg", building, true), h.person("rut@k.se", "Rut Flyttad", building, true)
	h.tree.Appoint(karin, social, time.Time{})
	boss := h.person("it@k.se", "IT-drift", mail.RootUnit, true)
	h.tree.PutPerson(org.Person{ID: boss, Address: "it@k.se", Name: "IT-drift", Active: true, Roles: mail.RoleAdmin})
	box := mail.NewID()
	h.tree.PutMailbox(org.Mailbox{ID: box, Unit: children, Address: "barn@k.se", Name: "Barnbrevlådan"})

	april, late := day(t, "2026-04-03"), day(t, "2026-04-30")
	h.used.lines = []usage.Line{
		{Day: april, Owner: maria, Unit: aid, Letters: 11, Recipients: 12, SMS: 3, Cost: 1_260_000},
		{Day: april, Owner: johan, Unit: children, Letters: 7, Recipients: 7, SMS: 1},
		{Day: late, Owner: box, Unit: children, Letters: 2, Recipients: 2},
		{Day: april, Owner: rut, Unit: social, Letters: 5, Recipients: 5},        // before she moved
		{Day: late, Owner: rut, Unit: building, Letters: 1000, Recipients: 1000}, // and after it
		{Day: april, Owner: berit, Unit: building, Letters: 3000, Recipients: 3000, SMS: 40, Cost: 16_800_000},
		{Day: april, Owner: mail.NewID(), Unit: gone, Letters: 60_000, Recipients: 60_000},
		{Day: day(t, "2026-03-31"), Owner: maria, Unit: aid, Letters: 333, Recipients: 333},
	}
	h.used.stored = []usage.Line{{Owner: maria, Unit: aid, Stored: 4_200_000}, {Owner: rut, Unit: building, Stored: 9_900_000_000}}

	her, admin := h.signsIn(karin), h.signsIn(boss)
	t.Run("an organiser sees the own branch, with its sum, and nothing of what is beside it", func(t *testing.T) {
		her.Get("/org/usage").Gets(http.StatusOK, "")
		her.Sees("april 2026", "Socialförvaltningen", "Barn och familj", ">25<", "1,26\u00a0SEK", "4,2 MB", "Summa").
			SeesNot("Bygglov", "Exempelkommun</a></th>", "1000", "1025", "3000", "9,9 GB", "60000", "inte finns kvar", "16,80")
	})
	t.Run("an administrator sees all, also what was used in departments that are gone", func(t *testing.T) {
		admin.Get("/org/usage").Sees("Exempelkommun", "Bygglov", ">4000<", "9,9 GB", ">64025<", "Avdelningar som inte finns kvar", "18,06\u00a0SEK")
	})
	t.Run("SMS of which the price is not known are told, and how many", func(t *testing.T) {
		her.Get("/org/usage").Sees("Priset på 1 sms är inte känt", "inte känd")
	})
	t.Run("days are bars with a title, words, and the same numbers in a table", func(t *testing.T) {
		her.Get("/org/usage").Sees(`role="img"`, "<title id=\"days-chart-title\">Brev och sms per dag, april 2026</title>", "Brev: 25. Sms: 4. Högsta stapeln är 23.",
			`<rect class="letters" x="42" y="0" width="8" height="160"/>`, `<rect class="sms"`, "3 april", "30 april").SeesNot("style=", "<script")
	})
	t.Run("what a group pays itself is told in its row, in the sum and in the file", func(t *testing.T) {
		group := h.below(social, "Stödföreningen", "")
		h.used.lines = append(h.used.lines, usage.Line{Day: day(t, "2026-02-03"), Owner: maria, Unit: aid, Letters: 1, Recipients: 1, SMS: 4, Cost: 2_000_000},
			usage.Line{Day: day(t, "2026-02-03"), Owner: johan, Unit: group, Letters: 1, Recipients: 1, SMS: 3, Cost: 1_500_000, GroupSMS: 3, GroupCost: 1_500_000})
		her.Get("/org/usage?month=2026-02").Sees("gruppen: 3<", "gruppen: 1,50\u00a0SEK", "3,50\u00a0SEK", "en grupp betalar själv").SeesNot("gruppen: 4")
		list := records(her.Get("/org/usage/csv?month=2026-02"))
		if got, want := line(list, "Socialförvaltningen / Stödföreningen"), "2026-02|Socialförvaltningen / Stödföreningen|5100|1|1|3|1,5000|SEK|0|0|3|1,5000"; got != want {
			t.Errorf("%s, not %s", got, want)
		}
		her.Get("/org/usage").SeesNot("gruppen:")
	})
	t.Run("by cost centre, units below take that of the unit above them", func(t *testing.T) {
		her.Get("/org/usage?by=cost").Sees("5100", "5110", ">14<", ">11<").SeesNot("2110", "Utan kostnadsställe")
		admin.Get("/org/usage?by=cost").Sees("2110", "Utan kostnadsställe")
	})
	t.Run("by person, those who are at home here and function mailboxes; others are a sum without a name", func(t *testing.T) {
		her.Get("/org/usage?by=person").Sees("Maria Ek", "maria@k.se", "Johan Lind", "Barnbrevlådan", "inte hör hemma här längre", ">5<").SeesNot("Rut", "rut@", "Berit", "1000")
		admin.Get("/org/usage?by=person").Sees("Rut Flyttad", ">1005<", "Berit Bygg")
	})
	t.Run("whoever has come sees nothing of what a person used before", func(t *testing.T) {
		bo := h.person("bo@k.se", "Bo", building, true)
		h.tree.Appoint(bo, building, time.Time{})
		h.signsIn(bo).Get("/org/usage?by=person").Sees("Rut Flyttad", ">1000<", "9,9 GB").SeesNot(">1005<", "Maria", "Socialförvaltningen")
	})
	t.Run("an auditor sees the whole house by department and cost centre, and nobody's name", func(t *testing.T) {
		revisor := h.person("revisor@k.se", "Revisor", building, true)
		h.tree.PutPerson(org.Person{ID: revisor, Address: "revisor@k.se", Name: "Revisor", Active: true, Roles: mail.RoleAuditor})
		b := h.signsIn(revisor)
		b.Get("/org/usage").Sees("Socialförvaltningen", "Barn och familj", `href="/journal"`).SeesNot("by=person", "/org/unit/", "Maria")
		b.Get("/org/usage?by=person").Sees("Socialförvaltningen").SeesNot("Maria", "Rut", "@k.se")
		b.Get("/org/usage/csv?by=person").SeesNot("Maria", "Rut", "@k.se")
		b.Get("/org/usage/csv?by=cost").Gets(http.StatusOK, "")
	})
	t.Run("another month has its own numbers, and a way on to the next", func(t *testing.T) {
		her.Get("/org/usage?month=2026-03&by=person").Sees("mars 2026", ">333<", "month=2026-04", "month=2026-02").SeesNot(">11<")
		if h.used.first != day(t, "2026-03-01") || h.used.last != day(t, "2026-03-31") {
			t.Errorf("%v to %v", h.used.first, h.used.last)
		}
	})
	t.Run("a month without anything says so", func(t *testing.T) {
		her.Get("/org/usage?month=2025-01").Gets(http.StatusOK, "")
		her.Sees("januari 2025", "Inget har skickats").SeesNot("<rect")
	})
	t.Run("what cannot be asked for is this month by department", func(t *testing.T) {
		for _, q := range []string{"month=2026-05", "month=9999-12", "month=x", "month=2026-04-01", "by=secret", "by=unit&month=" + url.QueryEscape("2026-04'--")} {
			her.Get("/org/usage?"+q).Gets(http.StatusOK, "")
			her.Sees("april 2026", "Barn och familj").SeesNot("Nästa månad")
		}
	})
	t.Run("the file has each department for itself, with its path and cost centre, and no formula", func(t *testing.T) {
		her.Get("/org/usage/csv?month=2026-04").Gets(http.StatusOK, "")
		list := records(her)
		if got := line(list, "Socialförvaltningen / Barn och familj"); got != "2026-04|Socialförvaltningen / Barn och familj|5100|9|9|1|0,0000|SEK|1|0|0|0,0000" {
			t.Errorf("%q in %q", got, list)
		}
		if got := line(list, "Socialförvaltningen"); got != "2026-04|Socialförvaltningen|5100|5|5|0|0,0000|SEK|0|0|0|0,0000" || len(list) != 4 || len(list[0]) != len(list[1]) {
			t.Errorf("%q in %q", got, list)
		}
		admin.Get("/org/usage/csv?month=2026-04&by=cost")
		if got := line(records(admin), "2110"); got != "2026-04|2110|4000|4000|40|16,8000|SEK|0|9900000000|0|0,0000" {
			t.Errorf("%q", got)
		}
	})
	t.Run("nobody's name is a formula in the file", func(t *testing.T) {
		h.tree.PutPerson(org.Person{ID: maria, Address: "maria@k.se", Name: "=1+1", Active: true})
		her.Get("/org/usage/csv?by=person")
		if got := line(records(her), "'=1+1"); !strings.HasPrefix(got, "2026-04|'=1+1|maria@k.se|Socialförvaltningen / =HYPERLINK") {
			t.Errorf("%q in %q", got, her.Page)
		}
	})
	t.Run("who organises nothing gets neither", func(t *testing.T) {
		for _, path := range []string{"/org/usage", "/org/usage/csv"} {
			if b := h.signsIn(johan).Get(path); b.Status != http.StatusNotFound {
				t.Errorf("%s: %d", path, b.Status)
			}
		}
	})
}

func TestManyPeopleAreInTheFile(t *testing.T) {
	h := newHouse(t)
	boss := h.person("it@k.se", "IT-drift", mail.RootUnit, true)
	h.tree.Appoint(boss, mail.RootUnit, time.Time{})
	unit := h.department("Stora förvaltningen")
	for i := range 600 {
		id := h.person("p"+mail.NewID().String()+"@k.se", "Person "+strconv.Itoa(i), unit, true)
		h.used.lines = append(h.used.lines, usage.Line{Day: day(t, "2026-04-03"), Owner: id, Unit: unit, Letters: int64(1 + i), Recipients: 1})
	}
	b := h.signsIn(boss).Get("/org/usage?by=person").Sees("1–50 av 600, efter Brev, fallande", ">600<", ">551<").SeesNot(">550<")
	b.Get("/org/usage?by=person&from=550").Sees("551–600 av 600", ">50<").SeesNot(">51<")
	b.Get("/org/usage?by=person&sort=letters").Sees(">1<", ">50<", "efter Brev, stigande").SeesNot(">51<")
	b.Get("/org/usage?by=person").Post("/org/usage/search?by=person", "list", "used", "q", " PERSON 17", "sort", "-letters").Gets(http.StatusOK, "")
	b.Sees("Person 17", `name="sort" value="letters"`, "av 11").SeesNot("Person 16", "?q=", "&amp;q=")
	b.Post("/org/usage/search?by=person", "list", "used", "q", "person 17", "as", "csv")
	if list := records(b); len(list) != 12 || line(list, "Person 17") == "" {
		t.Errorf("%d lines", len(list))
	}
	b.Get("/org/usage?by=person").Post("/org/usage/search?by=person", "list", "used", "q", "", "sort", "sms").Gets(http.StatusSeeOther, "/org/usage?by=person&month=2026-04&sort=sms#used")
	if b.Get("/org/usage/csv?by=person"); len(records(b)) != 601 {
		t.Errorf("%d lines", len(records(b)))
	}
}
