package appliance_test

import (
	"strings"

	"sigill/appliance"
)

// journal is what an auditor reads: the newest acts, those of a kind, and the file.
func (w *walk) journal() {
	b := w.tab().Signs("it@exempelkommun.se")
	b.Goes("/mail").Presses(`nav a[href="/journal"]`).At("/journal").Sees("sigill journal verify").Look("journal")
	b.Fills("kind", "accepted").Sends("/journal").At("/journal").Sees("letats igenom", "Avsändare via e-post").Look("journal-filter")
	if name, table := b.Downloads(`form[action="/journal/csv"] button`); !strings.HasSuffix(name, ".csv") || !strings.Contains(string(table), `;"accepted";`) {
		b.Errorf("%s: %.2000s", name, table)
	}
}

// trace is the help desk, which finds a letter, and none.
func (w *walk) trace() {
	w.letterTo("tove", "0701234588", "Det som aldrig visas")
	b := w.tab().Signs("it@exempelkommun.se")
	b.Goes("/mail").Presses(`nav a[href="/trace"]`).At("/trace").Look("trace")
	b.Fills("address", "ingen.alls@example.se").Sends("/trace").Sees("Inget brev").Look("trace-none")
	b.Fills("address", "tove@example.se").Sends("/trace").Sees("1 brev", "tove@example.se").Look("trace-found")
	if w.TrySend(letter{to: []string{"klartext@example.se"}, subject: "Det som aldrig visas", body: "x"}) == nil {
		w.Error("taken")
	}
	b.Fills("address", "klartext@example.se").Sends("/trace").Sees("1 mejl", "Togs inte emot").Look("trace-refused")
	b.Fills("from", "2020-01-01").Sends("/trace").Sees("högst 31 dagar").Look("trace-wrong")
	b.Goes("/admin").Presses(`a[href="/admin/path"]`).At("/admin/path").Sees("Pröva nu").Look("path")
	appliance.ShowTrip(w.demo)
	b.Goes("/admin/path").Sees("det gick inte bra här").Look("path-broken")
}
