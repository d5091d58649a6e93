package appliance_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// pages are the pages that came over the wire, each kept once.
type pages struct {
	dir string

	mu    sync.Mutex
	seen  map[[32]byte]bool
	from  map[string]string // name of a file → how the page was asked for
	wrong map[string]string // what is counted in words that are for another number → the same
}

func newPages(t *testing.T) *pages {
	return &pages{dir: t.TempDir(), seen: map[[32]byte]bool{}, from: map[string]string{}, wrong: map[string]string{}}
}

// read makes a page that passes by be kept when it has passed.
func (p *pages) read(r *http.Response) {
	// What leads elsewhere nobody reads, and a mail's own form is its sender's.
	if strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") && r.StatusCode/100 != 3 && !strings.HasSuffix(r.Request.URL.Path, "/html") {
		r.Body = &passing{ReadCloser: r.Body, pages: p, how: fmt.Sprintf("%s %s, %d", r.Request.Method, r.Request.URL.RequestURI(), r.StatusCode)}
	}
}

// passing is a body that is kept when it has been read.
type passing struct {
	io.ReadCloser
	pages *pages
	how   string
	b     bytes.Buffer
}

func (p *passing) Read(b []byte) (int, error) {
	n, err := p.ReadCloser.Read(b)
	p.b.Write(b[:n])
	if errors.Is(err, io.EOF) {
		p.pages.keep(p.how, p.b.Bytes())
	}
	return n, err
}

// changing is what differs from one showing of a page to the next.
var changing = regexp.MustCompile(`name="csrf" value="[^"]*"|[0-9a-z]{26}|\d`)

func (p *pages) keep(how string, page []byte) {
	sum := sha256.Sum256(changing.ReplaceAll(page, nil))
	miscounted := miscounts(string(page))
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range miscounted {
		p.wrong[c] = how
	}
	if p.seen[sum] || len(page) == 0 {
		return
	}
	p.seen[sum] = true
	name := hex.EncodeToString(sum[:8]) + ".html"
	if os.WriteFile(filepath.Join(p.dir, name), page, 0o600) == nil {
		p.from[name] = how
	}
}

// writes are the pages of which most may be what somebody else has written, in a language of theirs.
var writes = regexp.MustCompile(`^/(m/letter|m/answer/|mail/|write/)`)

// valid wants all of them to be HTML as the standard says, by the checker of the W3C, and
// to count in the right words.
func (p *pages) valid(t *testing.T) {
	t.Helper()
	p.counts(t)
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	checker := filepath.Join(cache, "sigill/node_modules/vnu-jar/build/dist/vnu.jar")
	if _, err := os.Stat(checker); err != nil {
		t.Fatalf("install/test.sh brings vnu-jar: %v", err)
	}
	cmd := exec.Command("java", "-Xss4m", "-jar", checker, "--format", "json", "--skip-non-html", p.dir)
	out := bytes.Buffer{}
	cmd.Stderr = &out
	ran := cmd.Run() // fails if anything is wrong with a page
	var said struct {
		Messages []struct {
			Type, URL, Message, Extract string
			LastLine                    int
		}
	}
	if err := json.Unmarshal(out.Bytes(), &said); err != nil {
		t.Fatalf("vnu: %v, %v: %s", ran, err, out.Bytes())
	}
	for _, m := range said.Messages {
		how := p.from[filepath.Base(m.URL)]
		if writes.MatchString(how) && strings.Contains(m.Message, "document appears to be written in") {
			continue // the letter is; its page need not be in the same language
		}
		t.Errorf("%s, line %d: %s: %s: %q", how, m.LastLine, m.Type, m.Message, m.Extract)
	}
	if len(p.from) < 100 {
		t.Errorf("only %d pages came by", len(p.from))
	}
	t.Logf("%d pages are valid", len(p.from))
}

func (p *pages) counts(t *testing.T) {
	t.Helper()
	for c, how := range p.wrong {
		t.Errorf("%s says %q", how, c)
	}
}
