package appliance_test

import (
	"os"
	"strings"
)

// settings are those of the configuration file, as it is, and changed so that it has a
// fault.
func (w *walk) settings() {
	const at = "/admin/settings"
	b := w.tab().Signs(adminAt).Goes("/admin").Presses(`a[href="` + at + `"]`).Sees("Maskinens inställningar").Look("settings")
	b.Goes("/admin/doctor").Sees("Hälsokontroll", "Det finns bara en administratör").Look("doctor")
	was, err := os.ReadFile(w.file)
	if err != nil {
		w.Fatal(err)
	}
	defer os.WriteFile(w.file, was, 0o600)
	if err := os.WriteFile(w.file, []byte(strings.Replace(string(was), "max_days = 180", "max_days = 90", 1)), 0o600); err != nil {
		w.Fatal(err)
	}
	b.Goes(at + "?is=restart").Sees("Efter omstart").Look("settings-changed")
	if err := os.WriteFile(w.file, []byte(strings.Replace(string(was), "max_days = 180", "max_days = 0", 1)), 0o600); err != nil {
		w.Fatal(err)
	}
	b.Goes(at + "?section=s-retention").Sees("Sigill skulle inte starta").Look("settings-fault")
}
