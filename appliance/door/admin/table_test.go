package admin_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/org"
)

func TestLists(t *testing.T) {
	h := newHouse(t)
	social, building := h.department("Social"), h.department("Bygglov")
	children, secret := h.below(social, "Barn", "51"), h.department("Hemlig")
	karin := h.person("karin@k.se", "Karin", social, true)
	h.tree.Appoint(karin, social, time.Time{})
	h.tree.Appoint(karin, building, time.Time{})
	h.person("dold@k.se", "Dold Person", secret, true)
	h.person("formel@k.se", "=HYPERLINK(1)", children, false)
	for i := range 60 {
		h.person(fmt.Sprintf("p%02d@k.se", 99-i), fmt.Sprintf("Person %02d", i), building, i > 0)
	}
	b := h.signsIn(karin)
	find := func(pairs ...string) {
		b.Get("/org/people").Post("/org/people/search", append([]string{"list", "people"}, pairs...)...)
	}
	t.Run("all branches of an organiser are one list, and nobody else is in it", func(t *testing.T) {
		b.Get("/org/people").Sees("1–50 av 62", "=HYPERLINK(1)", "Karin", "Person 47", `aria-sort="ascending"`, `href="/org/people?from=50#people"`).SeesNot("Person 48", "Dold")
		b.Get("/org/people?from=50").Sees("51–62 av 62", "Person 59").SeesNot("Karin")
		b.Get("/org/people?from=9999").Sees("/org/people?from=").SeesNot("Karin")
	})
	t.Run("a heading sorts by its column, and pressed again the other way", func(t *testing.T) {
		b.Get("/org/people?sort=address").Sees("efter E-postadress, stigande", "Person 59", `href="/org/people?sort=-address#people"`).SeesNot("Person 00")
		b.Get("/org/people?sort=-address").Sees("efter E-postadress, fallande", "Person 00", `aria-sort="descending"`).SeesNot("Person 59")
		b.Get("/org/people?sort=-unit").Sees("Karin", "Person 59").SeesNot("Person 00")
		b.Get("/org/people?sort=phone&state=nonsense").Sees("1–50 av 62")
	})
	t.Run("what is chosen stands in the address, and what is typed in none", func(t *testing.T) {
		find("q", "", "state", "invited", "sort", "-name")
		b.Gets(http.StatusSeeOther, "/org/people?sort=-name&state=invited#people")
		b.Get("/org/people?sort=-name&state=invited").Sees("1–2 av 2", "Person 00", "HYPERLINK", "Visa alla").SeesNot("Karin")
		find("q", " PERSON ")
		b.Gets(http.StatusOK, "").Sees("1–50 av 60", `name="from" value="50"`, `name="sort" value="-name"`).SeesNot("Karin", "?sort", "PERSON&", "q=")
		find("q", "person", "from", "0", "from", "50")
		b.Sees("51–60 av 60")
		find("q", "dold")
		b.Sees("Ingen här heter så")
	})
	t.Run("the file has all that was found, and no formula", func(t *testing.T) {
		find("as", "csv", "q", "")
		list := records(b)
		if len(list) != 63 || line(list, "'=HYPERLINK(1)") != "'=HYPERLINK(1)|formel@k.se|Social / Barn|Har aldrig loggat in" {
			t.Errorf("%d: %q", len(list), line(list, "'=HYPERLINK(1)"))
		}
		find("as", "csv", "q", "karin", "state", "active")
		if list = records(b); len(list) != 2 || strings.Contains(b.Page, "Dold") {
			t.Errorf("%q", list)
		}
	})
	t.Run("units are a tree until they are sorted or searched, and then say what they are below", func(t *testing.T) {
		b.Get("/org/units").Sees(`data-depth="1"`, "1–3 av 3").SeesNot("Hemlig", `<span class="quiet">Social</span>`)
		b.Get("/org/units?sort=-people").Sees(`<span class="quiet">Social</span>`).SeesNot("data-depth")
		b.Get("/org/units").Post("/org/units/search", "list", "units", "q", "51").Sees("Barn", "1–1 av 1").SeesNot("Bygglov")
		b.Get("/org/units?kind=group").Sees("Här finns inget sådant")
	})
	t.Run("nothing can be searched where there is nothing, and still after a choice that left nothing over", func(t *testing.T) {
		b.Get("/org/mailboxes").Sees("Här finns inget sådant").SeesNot(`role="search"`, "Ladda ner som CSV")
		b.Get("/org/mailboxes?state=nobody").Sees(`role="search"`, "Visa alla")
	})
	t.Run("a unit's page has its units and mailboxes as lists that sort, and search once they are long", func(t *testing.T) {
		self := "/org/unit/" + building.String()
		b.Get(self).Sees("Inga enheter ligger här under", `id="people-form"`).SeesNot(`id="below-form"`)
		for i := range 11 {
			h.tree.PutMailbox(org.Mailbox{ID: mail.NewID(), Unit: building, Address: mail.Address(fmt.Sprintf("l%02d@k.se", 50-i)), Name: fmt.Sprintf("Låda %02d", i)})
		}
		h.below(building, "Kartor", "52")
		b.Get(self).Sees("1–11 av 11, efter Namn", "Kartor", self+"?boxes-sort=address#mailboxes").SeesNot(`action="` + self + `/search#below" role="search"`)
		b.Get(self + "?boxes-sort=address").Sees("efter E-postadress, stigande")
		b.Post(self+"/search", "list", "mailboxes", "boxes-q", "låda 03").Sees("1–1 av 1", "Låda 03", "Kartor", "Person 00").SeesNot("Låda 04")
		b.Post(self+"/search", "list", "below", "as", "csv")
		if list := records(b); len(list) != 2 || list[1][0] != "Kartor" {
			t.Errorf("%q", list)
		}
		h.signsIn(h.person("ingen@k.se", "Ingen", secret, true)).Post(self+"/search", "list", "mailboxes", "as", "csv").Gets(http.StatusNotFound, "")
		for _, m := range h.tree.Mailboxes(building) {
			h.tree.DropMailbox(m.ID)
		}
	})
	t.Run("function mailboxes of all units are one list", func(t *testing.T) {
		h.tree.PutMailbox(org.Mailbox{ID: mail.NewID(), Unit: children, Address: "barn@k.se", Name: "Barnbrevlådan"})
		h.tree.PutMailbox(org.Mailbox{ID: mail.NewID(), Unit: secret, Address: "dold@k.se", Name: "Dolda"})
		b.Get("/org/mailboxes").Sees("Barnbrevlådan", "1–1 av 1").SeesNot("Dolda")
		b.Get("/org/mailboxes").Post("/org/mailboxes/search", "list", "mailboxes", "as", "csv")
		if list := records(b); len(list) != 2 {
			t.Errorf("%q", list)
		}
	})
}
