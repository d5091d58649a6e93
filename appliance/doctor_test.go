package appliance_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sigill/appliance"
	"sigill/appliance/doctor"
)

// TestTheDoctorOfAStoppedAppliance looks at a machine whose service does not run: that is when
// somebody asks.
func TestTheDoctorOfAStoppedAppliance(t *testing.T) {
	k := newKeyless(t)
	k.opens(t).end()
	if err := os.Chmod(filepath.Dir(k.file), 0o755); err != nil { // whatever the umask is
		t.Fatal(err)
	}
	says := func() (found map[string]doctor.Finding, err error) {
		t.Helper()
		ctx, stop := context.WithTimeout(t.Context(), 3*time.Second) // DNS may not be there
		defer stop()
		var out bytes.Buffer
		err = appliance.Doctor(ctx, k.file, true, &out)
		var said struct{ Findings []doctor.Finding }
		if e := json.Unmarshal(out.Bytes(), &said); e != nil {
			t.Fatalf("%v, %v: %s", err, e, out.Bytes())
		}
		found = map[string]doctor.Finding{}
		for _, f := range said.Findings {
			found[f.Check] = f
		}
		return found, err
	}
	t.Run("it says that the service stands still, and what can be seen all the same", func(t *testing.T) {
		found, _ := says()
		if f := found["care.running"]; f.What != "doctor.running.not" || f.Grave != doctor.Warn {
			t.Errorf("%+v", f)
		}
		for _, check := range []string{"machine.modes", "mail.smarthost", "keys.kit"} {
			if f, ok := found[check]; check != "mail.smarthost" && !ok || f.Grave == doctor.Fault {
				t.Errorf("%s: %+v", check, f)
			}
		}
	})
	t.Run("it says that the recovery kit still lies beside the key, until it does not", func(t *testing.T) {
		for _, name := range []string{"recovery-kit.html", "recovery-kit.txt"} {
			if found, _ := says(); found["keys.kit"].What != "doctor.kit.lies" {
				t.Errorf("%+v", found["keys.kit"])
			}
			if err := os.Remove(filepath.Join(k.f.Keys, name)); err != nil {
				t.Fatal(err)
			}
		}
		if found, _ := says(); found["keys.kit"].What != "doctor.kit.yet" {
			t.Errorf("%+v", found["keys.kit"])
		}
	})
	t.Run("keys that others could read are a fault, and end the command with one", func(t *testing.T) {
		if err := os.Chmod(k.f.Keys, 0o755); err != nil {
			t.Fatal(err)
		}
		found, err := says()
		if f := found["machine.modes"]; f.Grave != doctor.Fault || err == nil || !strings.HasPrefix(err.Error(), "faults: ") {
			t.Errorf("%+v %v", f, err)
		}
	})
}
