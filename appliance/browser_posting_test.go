package appliance_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// posting is a form that a window has sent, and the status of what it got.
type posting struct {
	path, kind string // with what was asked; Content-Type
	body       []byte
	status     int
}

// acts are forms which would do something again if they were asked for again, as pages that
// only they make are: such a page is seen in Swedish alone. A line that no page needs fails, and so does one more.
var acts = map[string]string{
	"/accessibility 200":      "tells the house once more",
	"/m/letter/reply 200":     "answers once more",
	"/mail/*/reply 200":       "answers once more",
	"/m/letter/done 200":      "the copy is gone",
	"/m/wrong 200":            "the letter is held",
	"/account/apps 200":       "makes one more password",
	"/setup/senders 200":      "makes one more secret",
	"/setup/start 200":        "begins anew",
	"/account/codes 200":      "makes other codes",
	"/account/recovery 200":   "makes another code",
	"/account/export/key 200": "makes another key",
	"/account/close 200":      "the account is gone",
	"/in 422":                 "a try is counted",
	"/m/pin 422":              "a try is counted",
	"/in/factor 422":          "a try is counted",
	"/account/prove 422":      "a try is counted",
	"/in/unlock 422":          "a try is counted",
	"/unlock 200":             "the locked machine has made room for the open one",
	"/in/passkey 422":         "what the key has signed is used up",
}

// maxActs is how many such forms there may be: each is four languages in which nobody sees a page.
const maxActs = 19

// looks are forms that only show something, though what they show is no fault.
var looks = []string{"/genuine", "/mail/search", "/mail/drafts/drop", "/contacts/search", "/org/people/search", "/org/unit/*/search", "/org/unit/*/import", "/org/unit/*/brand", "/org/directory/try", "/org/directory/plan", "/trace", "/setup/backup"}

// countedForms are forms of which each answer counts as a try: two more in a walk are not too many, four are.
var countedForms = []string{"/m/register/pin", "/welcome/pin", "/account/phone/pin", "/in/help/proof", "/org/help/*/give"}

// counted reports whether it is one of those.
func (p *posting) counted() bool { return p != nil && slices.Contains(countedForms, like(p.path)) }

// byWindow reports whether the answer will be shown by a window, rather than given to a script.
func byWindow(r *http.Request) bool { return r.Header.Get("Sec-Fetch-Dest") == "document" }

// note keeps a form that passes by, if it is no large file.
func (c *chrome) note(r *http.Request) {
	if r.Method != http.MethodPost || !byWindow(r) {
		return
	}
	p := &posting{path: r.URL.RequestURI(), kind: r.Header.Get("Content-Type")}
	if r.ContentLength >= 0 && r.ContentLength <= 1<<20 {
		p.body, _ = io.ReadAll(r.Body) // what broke off, the portal refuses
		r.Body = io.NopCloser(bytes.NewReader(p.body))
	}
	c.mu.Lock()
	c.sent[r.URL.Host] = p
	c.mu.Unlock()
}

// posted is the form that has made the page which is open; nil if the page was asked for.
func (b *tab) posted() *posting {
	b.Helper()
	if b.fetched() {
		return nil
	}
	u, err := url.Parse(b.info.Portal)
	if err != nil {
		b.Fatal(err)
	}
	b.chrome.mu.Lock()
	defer b.chrome.mu.Unlock()
	p := b.chrome.sent[u.Host]
	if p == nil || p.path != b.Eval(`location.pathname + location.search`) {
		b.Fatalf("%s was made by another form than the last", b.Path())
	}
	return p
}

// repeats reports whether the page can be asked for once more, by anybody who has its cookies,
// without anything being done. It wants to be told of a form which does something.
func (b *tab) repeats(p *posting) bool {
	b.Helper()
	if p == nil {
		return true
	}
	if p.status == http.StatusTooManyRequests {
		return false // a moment later there may be room
	}
	kind := fmt.Sprintf("%s %d", like(p.path), p.status)
	b.chrome.mu.Lock()
	b.chrome.acted[kind] = true
	b.chrome.mu.Unlock()
	if acts[kind] != "" {
		return false
	}
	if p.status < http.StatusBadRequest && !slices.Contains(looks, like(p.path)) {
		b.Errorf("%s %d: say in acts or in looks whether it does anything", like(p.path), p.status)
	}
	return p.status >= http.StatusBadRequest || slices.Contains(looks, like(p.path))
}

// seldom wants the forms whose pages are seen in Swedish alone to be few, and each to be met.
func (c *chrome) seldom(t *testing.T) {
	t.Helper()
	if len(acts) > maxActs {
		t.Errorf("%d forms make pages that nobody sees in other languages, more than %d", len(acts), maxActs)
	}
	for kind := range acts {
		if !c.acted[kind] && !strings.HasPrefix(kind, "/setup/") { // those have a walk of their own
			t.Errorf("no form was met like %s, of which acts says that it %s", kind, acts[kind])
		}
	}
}
