package appliance_test

import (
	"bytes"
	"encoding/base64"
	"html"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"sigill/appliance"
	"sigill/appliance/keyring"
	"sigill/appliance/seal"
)

// TestTheKitStandsNowhereElse makes and uses a kit, and looks for what it holds in
// everything that the appliance has written.
func TestTheKitStandsNowhereElse(t *testing.T) {
	dir, away := t.TempDir(), t.TempDir()
	j := newJourneyIn(t, dir)
	keys := filepath.Join(dir, "keys")
	pages, err := appliance.ReadPages([]string{filepath.Join(keys, "recovery-kit.html")})
	if err != nil || len(pages) != 5 {
		t.Fatal(len(pages), err)
	}
	c, err := keyring.Combine(pages[2:])
	if err != nil {
		t.Fatal(err)
	}
	m, app := newMarks(), newMarks()
	for name, s := range map[string]seal.Secret{"B": pages[0].Secret(), "R": c.Recovery, "H": c.Helper, "share 1": pages[2].Secret(), "share 2": pages[3].Secret(), "share 3": pages[4].Secret()} {
		m.key(name, s.Bytes())
	}
	app.key("K_app", pages[1].Secret().Bytes())
	for _, p := range pages {
		line, err := p.Text()
		if err != nil {
			t.Fatal(err)
		}
		m.text("the line of a page", line)
		m.text("its end", line[len(line)-40:])
	}
	kit := filepath.Join(away, "kit")
	if err := os.Rename(filepath.Join(keys, "recovery-kit.txt"), kit); err != nil {
		t.Fatal(err)
	}
	if n := m.inDir(t, keys); len(n) == 0 {
		t.Error("control: the kit itself is not found")
	}
	if err := os.Remove(filepath.Join(keys, "recovery-kit.html")); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	r := appliance.Recovery{In: strings.NewReader(""), Out: &said}
	places := appliance.DemoPlaces(dir)
	request, answer := filepath.Join(away, "request"), filepath.Join(away, "answer")
	for _, err := range []error{
		r.Practise(t.Context(), places, []string{kit}),
		r.Request(t.Context(), places, caseworker, request),
		r.Answer(request, answer, []string{kit}),
		r.Apply(t.Context(), places, answer, false),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	code := codeShown.FindStringSubmatch(said.String())
	if code == nil {
		t.Fatal(said.String())
	}
	m.text("the code", code[1])
	m.text("the code without dashes", strings.ReplaceAll(code[1], "-", ""))
	password := m.fresh("the new password")
	j.Browser().ShowCode(code[1]).At("/welcome").Post("/welcome", "password", password, "repeat", password).At("/mail")
	j.stop()
	found := m.inDir(t, dir)
	found = append(found, app.inDir(t, filepath.Join(dir, "data"))...)
	found = append(found, m.in(j.log.Bytes())...)
	found = append(found, app.in(j.log.Bytes())...)
	for _, path := range []string{request, answer} {
		found = append(found, m.in(readFile(t, path))...)
	}
	if len(found) > 0 {
		t.Errorf("what the kit holds stands in clear text:\n%s", strings.Join(found, "\n"))
	}
	if bytes.Contains(readFile(t, filepath.Join(keys, "appliance.key")), []byte("SIGILL1")) {
		t.Error("a page stands in the key's file")
	}
}

var (
	pictureOf = regexp.MustCompile(`(?s)<p class="line[^"]*">([^<]+)</p>.*?src="data:image/png;base64,([^"]+)"`)
	pdfPages  = regexp.MustCompile(`/Type\s*/Pages[^>]*?/Count\s+(\d+)|/Count\s+(\d+)[^>]*?/Type\s*/Pages`)
)

// TestKitOnPaper asks programs that are not ours: zbarimg to read the pictures, Chromium
// to print.
func TestKitOnPaper(t *testing.T) {
	full(t, "it needs zbarimg and Chromium")
	dir := t.TempDir()
	j := newJourneyIn(t, dir)
	j.Browser().Get("/in") // it runs now, and can be stopped
	j.stop()
	kit := filepath.Join(dir, "keys", "recovery-kit.html")
	t.Run("each QR code says what stands beside it", func(t *testing.T) {
		sheets := pictureOf.FindAllStringSubmatch(string(readFile(t, kit)), -1)
		if len(sheets) != 5 {
			t.Fatalf("%d pictures", len(sheets))
		}
		for _, s := range sheets {
			png, err := base64.StdEncoding.DecodeString(html.UnescapeString(s[2]))
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(t.TempDir(), "qr.png")
			if err := os.WriteFile(path, png, 0o600); err != nil {
				t.Fatal(err)
			}
			said, err := exec.Command("zbarimg", "--quiet", "--raw", path).Output()
			if err != nil || strings.TrimSpace(string(said)) != s[1] {
				t.Errorf("it says something else: %v", err)
			}
			if _, err := keyring.ParsePage(strings.TrimSpace(string(said))); err != nil {
				t.Error(err)
			}
		}
	})
	t.Run("each sheet is one page of paper", func(t *testing.T) {
		pdf := filepath.Join(t.TempDir(), "kit.pdf")
		cmd := exec.Command("/usr/bin/chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--user-data-dir="+t.TempDir(), "--no-pdf-header-footer", "--print-to-pdf="+pdf, "file://"+kit)
		cmd.Stdout, cmd.Stderr = io.Discard, io.Discard
		if err := cmd.Run(); err != nil {
			t.Fatal(err)
		}
		m := pdfPages.FindSubmatch(readFile(t, pdf))
		if m == nil || string(m[1])+string(m[2]) != "5" {
			t.Errorf("it is printed on %s pages", m)
		}
	})
}
