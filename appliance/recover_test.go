package appliance_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"sigill/appliance"
	"sigill/appliance/keyring"
)

// asks makes a request for somebody in the demo, and has it answered.
func asks(t *testing.T, dir, address string) []byte {
	t.Helper()
	a, err := appliance.ParseAddress(address)
	if err != nil {
		t.Fatal(err)
	}
	asked, err := appliance.RecoverRequest(t.Context(), appliance.DemoPlaces(dir), a)
	if err != nil {
		t.Fatal(err)
	}
	q, err := keyring.ParseRequest(asked.File)
	if err != nil {
		t.Fatal(err)
	}
	if q.Fingerprint() != asked.Fingerprint {
		t.Error("the appliance says another fingerprint than the file has")
	}
	pages, err := appliance.ReadPages([]string{filepath.Join(dir, "keys", "recovery-kit.txt")})
	if err != nil {
		t.Fatal(err)
	}
	c, err := q.Custody(pages)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := q.Answer(c)
	if err != nil {
		t.Fatal(err)
	}
	return answer.Marshal()
}

// TestWhatIsDoneIsSaid is a recovery after which something goes wrong: the shares' holders
// need not meet again, and nobody stays signed in.
func TestWhatIsDoneIsSaid(t *testing.T) {
	var erasing *appliance.Eraser
	dir := t.TempDir()
	j := newJourneyIn(t, dir, func(d *appliance.Demo) { erasing = appliance.EraserOf(d) })
	t.Run("who asked has gone away: it is done whole", func(t *testing.T) {
		johan := j.Browser().SignsIn(johanAt)
		done, err := appliance.ApplyForNobody(j.demo, asks(t, dir, johanAt))
		if err != nil || done.Fault != "" || string(done.Address) != johanAt {
			t.Fatalf("%s, %q, %v", done.Address, done.Fault, err)
		}
		johan.Get("/mail").At("/in")
		if at := newVisitor(j.info.Portal).chooses(t, done.Code, newPassword); at != "/mail" {
			t.Errorf("the code leads to %s", at)
		}
	})
	t.Run("the old locks' keys could not be erased: the code is said, with the error", func(t *testing.T) {
		johan := j.Browser().SignsInAs(johanAt, newPassword)
		file := filepath.Join(t.TempDir(), "answer")
		clerk{TB: t, cwd: filepath.Dir(file)}.file("answer", string(asks(t, dir, johanAt)))
		erasing.Refuse(errors.New("the disk did not do it"))
		var out strings.Builder
		err := appliance.Recovery{Out: &out}.Apply(context.Background(), appliance.DemoPlaces(dir), file, false)
		if err == nil || !strings.Contains(err.Error(), "the access was restored, but") || !strings.Contains(err.Error(), "the disk did not do it") {
			t.Errorf("%v", err)
		}
		johan.Get("/mail").At("/in")
		code := codeShown.FindStringSubmatch(out.String())
		if code == nil {
			t.Fatalf("no code in %q", out.String())
		}
		erasing.Refuse(nil)
		if at := newVisitor(j.info.Portal).chooses(t, code[1], oldPassword); at != "/mail" {
			t.Errorf("the code leads to %s", at)
		}
		if !strings.Contains(string(j.log.Bytes()), "after a recovery") {
			t.Error("nobody who runs the machine is told")
		}
	})
}
