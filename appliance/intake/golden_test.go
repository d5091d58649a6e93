package intake_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"sigill/appliance/intake"
	"sigill/appliance/mail"
)

var update = flag.Bool("update", false, "write the .draft files anew; look at the difference before you believe it")

// TestGolden reads testdata/NN-name.eml and compares with NN-name.draft. With
// NN-name.rcpt, one recipient a line, the whole draft is made as the SMTP door does.
// NN-name.readme says why a strange one exists.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.eml")
	if err != nil || len(files) < 45 {
		t.Fatalf("%d golden mails, fewer than 45 (%v)", len(files), err)
	}
	for _, file := range files {
		base := strings.TrimSuffix(file, ".eml")
		t.Run(filepath.Base(base), func(t *testing.T) {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var d *mail.Draft
			if rcpts, rerr := os.ReadFile(base + ".rcpt"); rerr == nil {
				d, err = nordic.Draft(raw, "maria@kommun.se", strings.Fields(string(rcpts)), intake.DefaultLimits())
			} else {
				d, err = intake.Read(raw, intake.DefaultLimits())
			}
			have := dump(d, err)
			if d != nil {
				sound(t, d)
			}
			if *update {
				if err := os.WriteFile(base+".draft", []byte(have), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(base + ".draft")
			if err != nil || have != string(want) {
				t.Errorf("have\n%s\nwant\n%s (%v)", have, want, err)
			}
		})
	}
}

// dump writes a draft for people.
func dump(d *mail.Draft, err error) string {
	var b strings.Builder
	var e *mail.Error
	switch {
	case errors.As(err, &e):
		fmt.Fprintf(&b, "refused: %s %s", e.Kind, e.Say)
		for _, k := range slices.Sorted(maps.Keys(e.With)) {
			fmt.Fprintf(&b, " %s=%q", k, e.With[k])
		}
		return b.String() + "\n"
	case err != nil:
		return "error: " + err.Error() + "\n"
	}
	fmt.Fprintf(&b, "from     %s %q\n", d.From, d.FromName)
	for _, r := range d.To {
		fmt.Fprintf(&b, "to       %s %q given %s phone %s level %s trap %d\n", r.Address, r.Name, r.Given, r.Phone, r.Level, r.Trap)
	}
	fmt.Fprintf(&b, "subject  %q\n", d.Subject)
	if d.Ask != (mail.Ask{}) {
		fmt.Fprintf(&b, "ask      %+v\n", d.Ask)
	}
	fmt.Fprintf(&b, "ids      %q %q %q\n", d.MessageID, d.InReplyTo, d.References)
	for _, f := range d.Faults {
		fmt.Fprintf(&b, "fault    %s\n", f)
	}
	fmt.Fprintf(&b, "text     %s\n", quote(d.Text))
	if d.HTML != "" {
		fmt.Fprintf(&b, "html     %s\n", quote(d.HTML))
	}
	for _, f := range d.Files {
		inline := ""
		if f.Inline {
			inline = " inline"
		}
		fmt.Fprintf(&b, "file     %q %s cid %q%s %d bytes %x %s\n", f.Name, f.Type, f.ContentID, inline, len(f.Data), sha256.Sum256(f.Data), quote(string(f.Data[:min(len(f.Data), 40)])))
	}
	return b.String()
}

func quote(s string) string {
	if len(s) > 300 {
		s = s[:300] + "…"
	}
	return fmt.Sprintf("%q", s)
}

// sound checks what holds of every draft.
func sound(t testing.TB, d *mail.Draft) {
	t.Helper()
	if d.Raw != nil && !bytes.Equal(withFiles(d), d.Raw) {
		t.Error("the mail without its files, put together again, differs")
	}
	for _, s := range append([]string{d.Text, d.HTML, d.Subject, d.FromName, d.MessageID, d.InReplyTo}, d.References...) {
		if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
			t.Errorf("not UTF-8, or NUL: %q", s)
		}
	}
	for _, s := range append([]string{d.Subject, d.FromName, d.MessageID, d.InReplyTo}, d.References...) {
		if strings.ContainsFunc(s, unicode.IsControl) {
			t.Errorf("control character in a header value: %q", s)
		}
	}
	if len(d.References) > 50 || len(d.Faults) > 20 || strings.ContainsRune(d.Text, '\r') {
		t.Errorf("%d references, %d faults", len(d.References), len(d.Faults))
	}
	names := map[string]bool{}
	for _, f := range d.Files {
		low := strings.ToLower(f.Name)
		if names[low] {
			t.Errorf("the name %q is there twice", f.Name)
		}
		names[low] = true
		if f.Name == "" || len(f.Name) > 210 || !utf8.ValidString(f.Name) || strings.ContainsAny(f.Name, `/\<>:"|?*`) || strings.ContainsFunc(f.Name, unicode.IsControl) ||
			strings.HasPrefix(f.Name, ".") || strings.ContainsRune(f.Name, '\u202e') {
			t.Errorf("bad file name %q", f.Name)
		}
		if !strings.Contains(f.Type, "/") || strings.ContainsAny(f.Type, "; \"\r\n") || f.Type != strings.ToLower(f.Type) {
			t.Errorf("bad type %q", f.Type)
		}
		if f.Inline && f.ContentID == "" {
			t.Errorf("%q is inline without an id", f.Name)
		}
	}
	for _, f := range d.Faults {
		if !slices.Contains(intake.Faults(), f) {
			t.Errorf("unknown fault %q", f)
		}
	}
}
