package appliance_test

import "strings"

// journal is what an auditor reads: the newest acts, those of a kind, and the file.
func (w *walk) journal() {
	b := w.tab().Signs("it@exempelkommun.se")
	b.Goes("/mail").Presses(`nav a[href="/journal"]`).At("/journal").Sees("sigill journal verify").Look("journal")
	b.Fills("kind", "accepted").Sends("/journal").At("/journal").Sees("letats igenom", "Avsändare via e-post").Look("journal-filter")
	if name, table := b.Downloads(`form[action="/journal/csv"] button`); !strings.HasSuffix(name, ".csv") || !strings.Contains(string(table), ";accepted;") {
		b.Errorf("%s: %.2000s", name, table)
	}
}
