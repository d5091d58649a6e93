package licence

import (
	"bytes"
	"runtime/debug"
	"strings"
	"testing"
)

func TestPrintOfModules(t *testing.T) {
	var b bytes.Buffer
	err := report(&b, "1.2.3", []*debug.Module{{Path: "modernc.org/sqlite", Version: "v9.9.9"}, {Path: "example.com/unknown", Version: "v1.0.0"}})
	if err == nil || err.Error() != "no licence is known of example.com/unknown" {
		t.Errorf("%v", err)
	}
	for _, want := range []string{
		"modernc.org/sqlite v9.9.9: BSD-3-Clause\n    Copyright (c) 2017 The Sqlite Authors. All rights reserved.\n",
		"modernc.org/sqlite v9.9.9, in it SQLite: blessing\n", "\nblessing\n========\n\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("it does not say %q:\n%.2000s", want, b.String())
		}
	}
	if strings.Contains(b.String(), "phonenumbers") {
		t.Error("it tells of a module that is not linked")
	}
}
