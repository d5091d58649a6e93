package appliance_test

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"

	"sigill/appliance"
	"sigill/appliance/config"
)

// TestReload is `systemctl reload sigill`, by the command that the service manager runs.
func TestReload(t *testing.T) {
	e := newEmpty(t, "")
	f, err := config.LoadOrBare(e.file(), appliance.Languages()...)
	if err != nil {
		t.Fatal(err)
	}
	reload := func() error { return appliance.ReloadConfig(context.Background(), appliance.PlacesOf(f)) }
	began := func() int { return strings.Count(string(e.log.Bytes()), "msg=start part=appliance") }
	text := readFile(t, e.file())
	t.Run("the configuration is read anew, and the doors are open when the command returns", func(t *testing.T) {
		if err := os.WriteFile(e.file(), append([]byte("# read anew\n"), text...), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := reload(); err != nil || began() != 2 {
			t.Errorf("%v, %d beginnings: %s", err, began(), e.log.Bytes())
		}
		e.Browser().Get("/setup")
	})
	t.Run("one that is spoilt is told to whom asks, and what was read before goes on untouched", func(t *testing.T) {
		if err := os.WriteFile(e.file(), append([]byte("nonsense = 1\n"), text...), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := reload(); err == nil || !strings.Contains(err.Error(), "nonsense") || began() != 2 {
			t.Errorf("%v, %d beginnings", err, began())
		}
		e.Browser().Get("/setup")
	})
	t.Run("where nobody runs, that is said", func(t *testing.T) {
		e.end()
		if err := reload(); err == nil || !strings.Contains(err.Error(), "no appliance runs here") {
			t.Error(err)
		}
	})
	if bytes.Contains(e.log.Bytes(), []byte("level=ERROR")) {
		t.Errorf("%s", e.log.Bytes())
	}
}
