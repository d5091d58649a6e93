package doortest

import (
	"encoding/base64"
	"html"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
)

// Browser is somebody who is signed in, with the answer to what they did last. It follows
// no redirect.
type Browser struct {
	*Site
	Status int
	To     string // where the answer leads
	Page   string // the answer's body, in clear: without HTML's escapes
	File   string // the answer's Content-Disposition
	client *http.Client
}

// Browser returns who comes with a session's token.
func (s *Site) Browser(token [32]byte) *Browser {
	s.Helper()
	jar, err := cookiejar.New(nil)
	fine(s, err)
	at, err := url.Parse(s.URL)
	fine(s, err)
	jar.SetCookies(at, []*http.Cookie{{Name: "sigill", Value: base64.RawURLEncoding.EncodeToString(token[:]), Path: "/"}})
	tr := &http.Transport{}
	s.Cleanup(tr.CloseIdleConnections)
	stays := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Browser{Site: s, client: &http.Client{Jar: jar, Transport: tr, CheckRedirect: stays}}
}

// Get asks for a page.
func (b *Browser) Get(path string) *Browser {
	b.Helper()
	return b.read(b.client.Get(b.URL + path))
}

// Post sends a form of names and values in turn, with the token against forgery.
func (b *Browser) Post(path string, pairs ...string) *Browser {
	b.Helper()
	form := url.Values{"csrf": {b.csrf()}}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return b.send(path, "application/x-www-form-urlencoded", form.Encode())
}

// Upload is Post for a form that takes files, too.
func (b *Browser) Upload(path string, pairs ...string) *Browser {
	b.Helper()
	var body strings.Builder
	w := multipart.NewWriter(&body)
	for i, pairs := 0, append([]string{"csrf", b.csrf()}, pairs...); i+1 < len(pairs); i += 2 {
		fine(b, w.WriteField(pairs[i], pairs[i+1]))
	}
	fine(b, w.Close())
	return b.send(path, w.FormDataContentType(), body.String())
}

// csrf is the token of the page that everybody has who is signed in.
func (b *Browser) csrf() string {
	b.Helper()
	b.Get(b.home)
	_, rest, _ := strings.Cut(b.Page, `name="csrf" value="`)
	token, _, _ := strings.Cut(rest, `"`)
	return token
}

func (b *Browser) send(path, mediaType, body string) *Browser {
	b.Helper()
	req, err := http.NewRequest("POST", b.URL+path, strings.NewReader(body))
	fine(b, err)
	req.Header.Set("Content-Type", mediaType)
	req.Header.Set("Origin", b.URL)
	return b.read(b.client.Do(req))
}

func (b *Browser) read(res *http.Response, err error) *Browser {
	b.Helper()
	fine(b, err)
	defer res.Body.Close()
	out, err := io.ReadAll(res.Body)
	fine(b, err)
	b.Status, b.To, b.File, b.Page = res.StatusCode, res.Header.Get("Location"), res.Header.Get("Content-Disposition"), html.UnescapeString(string(out))
	return b
}

// Gets wants this status, and to be led there: "" is nowhere.
func (b *Browser) Gets(status int, to string) *Browser {
	b.Helper()
	if b.Status != status || b.To != to {
		b.Errorf("%d %q, not %d %q", b.Status, b.To, status, to)
	}
	return b
}

// Sees wants all of this on the page.
func (b *Browser) Sees(words ...string) *Browser {
	b.Helper()
	for _, w := range words {
		if !strings.Contains(b.Page, w) {
			b.Errorf("%d: %q is not on the page", b.Status, w)
		}
	}
	return b
}

// SeesNot wants nothing of this on the page.
func (b *Browser) SeesNot(words ...string) *Browser {
	b.Helper()
	for _, w := range words {
		if strings.Contains(b.Page, w) {
			b.Errorf("%d: %q is on the page", b.Status, w)
		}
	}
	return b
}
