package admin_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/org"
	"sigill/appliance/usage"
)

func TestFiguresPage(t *testing.T) {
	h := newHouse(t)
	social := h.below(mail.RootUnit, "Socialförvaltningen", "")
	children := h.below(social, "Barn och familj", "")
	aid := h.below(social, "=1+1", "")
	building := h.below(mail.RootUnit, "Bygglov", "")
	gone := mail.NewID()
	karin, maria := h.person("karin@k.se", "Karin Berg", social, true), h.person("maria@k.se", "Maria Ek", aid, true)
	h.tree.Appoint(karin, social, time.Time{})
	boss := h.person("it@k.se", "IT-drift", mail.RootUnit, true)
	h.tree.PutPerson(org.Person{ID: boss, Address: "it@k.se", Name: "IT-drift", Active: true, Roles: mail.RoleAdmin})
	today := day(t, "2026-04-26")
	h.used.lines = []usage.Line{
		{Day: today, Unit: aid, Letters: 71, SMS: 72}, {Day: today - 29, Unit: children, Letters: 3}, {Day: today - 30, Unit: children, Letters: 500},
		{Day: today, Unit: building, Letters: 4000, SMS: 4000}, {Day: today, Unit: gone, Letters: 60_000},
	}
	h.used.figures = []usage.Figures{
		{Day: today, Unit: aid, Recipients: 80, Held: 5, SameDay: 40, ThreeDays: 20, SevenDays: 8, Later: 2, Never: 1, Bounced: 3, Undelivered: 4, Closed: 6},
		{Day: today - 2, Unit: children, Recipients: 4, SameDay: 3, Closed: 1},
		{Day: today - 60, Unit: children, Recipients: 1000, Never: 1000},
		{Day: today, Unit: building, Recipients: 9000, Bounced: 777}, {Day: today, Unit: gone, Recipients: 70_000},
	}
	her, admin := h.signsIn(karin), h.signsIn(boss)

	t.Run("an organiser sees the sums of the own branch and nothing beside it", func(t *testing.T) {
		her.Get("/org/figures").Sees("Brev: 74. Sms: 72.", "Brev till 84 mottagare", ">43<", "51 %", "Högsta stapeln är 72.", "Enhet med allt under den").SeesNot("777", "Bygglov", "4000", "9000")
		her.Get("/org/figures?unit="+building.String()).Sees("Brev: 74.").SeesNot("4000", "777")
		admin.Get("/org/figures").Sees("Brev: 64\u00a0074.", "Bygglov", ">780<")
		admin.Get("/org/figures?unit="+building.String()).Sees("Brev: 4000.", ">777<").SeesNot("Brev: 64\u00a0074.")
	})
	t.Run("a unit is shown with all below it, over thirty days or ninety", func(t *testing.T) {
		her.Get("/org/figures?unit="+aid.String()).Sees("Brev: 71.", "Brev till 80 mottagare", ">9<", "11 %", ">6<")
		her.Get("/org/figures?days=90").Sees("Brev: 574.", "Brev till 1084 mottagare", ">1001<")
		for _, q := range []string{"days=31", "days=-1", "unit=x", "unit=" + mail.NewID().String(), "days=30&unit="} {
			her.Get("/org/figures?"+q).Gets(http.StatusOK, "").Sees("Brev: 74.")
		}
	})
	t.Run("of four recipients nobody is told when they read, in the page or in the file", func(t *testing.T) {
		her.Get("/org/figures?unit="+children.String()).Sees("minst 5 mottagare", "Brev: 3.").SeesNot("75 %", "Spärrade", "Samma dag")
		list := records(her.Get("/org/figures/csv?by=unit"))
		if got := line(list, "Socialförvaltningen / Barn och familj"); got != "Socialförvaltningen / Barn och familj|3|0|4|0|0|0|||||||" {
			t.Error(got)
		}
	})
	t.Run("the file has a line a day, or a line a unit, and no formula", func(t *testing.T) {
		list := records(her.Get("/org/figures/csv"))
		if len(list) != 31 || strings.Join(list[1], "|") != today.String()+"|71|72|5|3|4" {
			t.Errorf("%d: %v", len(list), list[1])
		}
		list = records(her.Get("/org/figures/csv?by=unit"))
		if got := line(list, "Socialförvaltningen / =1+1"); len(list) != 4 || got != "Socialförvaltningen / =1+1|71|72|80|5|3|4|40|20|8|2|1|9|6" {
			t.Errorf("%d: %s", len(list), got)
		}
		if list = records(her.Get("/org/figures/csv?by=unit&unit=" + aid.String())); len(list) != 2 {
			t.Errorf("%d", len(list))
		}
	})
	t.Run("an auditor sees the whole house, and who is nothing of the three finds no such page", func(t *testing.T) {
		h.tree.PutPerson(org.Person{ID: maria, Address: "maria@k.se", Name: "Maria Ek", Active: true, Roles: mail.RoleAuditor})
		h.signsIn(maria).Get("/org/figures").Sees("Brev: 64\u00a0074.", `href="/journal"`)
		h.tree.PutPerson(org.Person{ID: maria, Address: "maria@k.se", Name: "Maria Ek", Active: true})
		for _, p := range []string{"/org/figures", "/org/figures/csv"} {
			h.signsIn(maria).Get(p).Gets(http.StatusNotFound, "")
		}
	})
	t.Run("nothing sent is said in words", func(t *testing.T) {
		h.used.lines, h.used.figures = nil, nil
		her.Get("/org/figures").Sees("Inget har skickats under tiden", "minst 5 mottagare").SeesNot("<rect")
	})
}
