package appliance_test

import (
	"strings"
	"time"
)

// backups is where copies of everything go: after one was made, and when the place is gone.
func (w *walk) backups() {
	const at = "/admin/backup"
	b := w.tab().Signs(adminAt).Goes("/admin").Presses(`a[href="`+at+`"]`).Sees("nas", "14 dagar, 5 veckor")
	b.Presses(`input[value="drill"] ~ button`).Sees("Det är påbörjat")
	w.untilBackups(func(page string) bool {
		return strings.Contains(page, "allt väl") && !strings.Contains(page, "på prov sedan")
	})
	b.Goes(at).Sees("allt väl").Look("backup")
	rename(w, w.nas, w.nas+".gone")
	defer rename(w, w.nas+".gone", w.nas)
	b.Presses(`input[value="now"] ~ button`).Sees("Det är påbörjat")
	w.untilBackups(func(page string) bool {
		return strings.Contains(page, "Stället finns inte") && !strings.Contains(page, "görs sedan")
	})
	b.Goes(at).Sees("Stället finns inte").Look("backup-away")
}

// untilBackups waits until the page is as somebody wants it.
func (w *walk) untilBackups(is func(page string) bool) {
	w.Helper()
	boss := w.Browser().SignsIn(adminAt)
	for deadline := time.Now().Add(15 * time.Second); time.Now().Before(deadline); w.pause() {
		if is(boss.Get("/admin/backup").page) {
			return
		}
	}
	w.Fatalf("the page still says %s", boss.page)
}
