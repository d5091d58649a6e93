package appliance_test

import (
	"strings"
	"time"
)

// groupUses makes a sponsored group that pays its own SMS, one of which is sent.
func (w *walk) groupUses() {
	boss := w.Organiser(adminAt)
	at := boss.unit("Socialförvaltningen")
	boss.Get(at).Post(at+"/add", "form", "unit", "name", "Tolkarna", "kind", "group")
	at = boss.unit("Tolkarna")
	boss.Get(at).Post(at+"/change", "form", "change", "name", "Tolkarna", "sms", "")
	boss.adds("Tolkarna", "tora@tolk.example", "Tora Tolk")
	tora := w.Browser().ShowCode(w.CodeOf(w.Await("email", "tora@tolk.example", 1)))
	tora.Post("/welcome", "password", "fyra gröna hästar", "repeat", "fyra gröna hästar").At("/mail")
	tora.Get("/account/phone").Post("/account/phone", "phone", "0709876599").At("/account/phone/pin")
}

// usage is what an organiser and an administrator see of what is used: nothing yet, some
// days of a month, and each way to divide it.
func (w *walk) usage() {
	b := w.tab().Signs("it@exempelkommun.se")
	b.Goes("/org").Presses(`a[href="/org/usage"]`).Sees("Användning och kostnad").Look("usage-org")
	b.Goes("/org/usage?month=2020-02").Sees("Inget har skickats").Look("usage-empty")
	w.Send(letter{to: []string{"utan.nummer@example.se.s"}, subject: "Beslut", body: "Hej."})
	for i := range 4 {
		w.letterTo("rut", "070123459"+string(rune('0'+i)), "Beslut")
	}
	w.groupUses()
	w.Turn(time.Minute)
	b.Goes("/org/usage").Sees("Summa", "gruppen: 1").Look("usage-units")
	b.Goes("/org/usage?by=cost").Sees("5110").Look("usage-costs")
	b.Goes("/org/usage?by=person").Sees("Maria Ek").Look("usage-people")
	if name, table := b.Downloads(`a[href*="/org/usage/csv"]`); !strings.HasSuffix(name, ".csv") || !strings.Contains(string(table), "Maria Ek") {
		b.Errorf("%s: %s", name, table)
	}
	b.Goes("/org/figures").Sees("Brev till", "Väntade på nummer").Look("figures").Goes("/org/figures?days=90").Look("figures-long")
	if name, table := b.Downloads(`a[href*="/org/figures/csv"]`); !strings.HasSuffix(name, ".csv") || !strings.Contains(string(table), ";") {
		b.Errorf("%s: %s", name, table)
	}
	k := w.tab().Signs("karin.berg@exempelkommun.se")
	k.Goes("/org/usage").Sees("Ekonomiskt bistånd").Look("usage-branch")
}
