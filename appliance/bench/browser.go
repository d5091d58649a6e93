package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// demo is the demo as a child: the same machine, with a trap that shows what a
// citizen gets.
type demo struct {
	*child
	Portal, SMTP, Trap string
	Accounts           []struct{ Email, Password string }
}

// startDemo runs `sigill demo` in a directory of its own, with a temporary directory
// beside it.
func (b *bench) startDemo(ctx context.Context, dir string) (*demo, error) {
	tmp := filepath.Join(dir, "tmp")
	if err := errors.Join(os.MkdirAll(tmp, 0o700), os.MkdirAll(filepath.Join(dir, "demo"), 0o700)); err != nil {
		return nil, err
	}
	c, err := spawn(ctx, []string{"TMPDIR=" + tmp}, b.exe, "demo", "--dir", filepath.Join(dir, "demo"),
		"--portal", "127.0.0.1:0", "--smtp", "127.0.0.1:0", "--trap", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	d := &demo{child: c}
	// demo.json is written when all sockets stand.
	for end := time.Now().Add(startup); ; {
		text, err := os.ReadFile(filepath.Join(dir, "demo", "demo.json"))
		if err == nil {
			err = json.Unmarshal(text, d)
		}
		if err == nil {
			c.smtp = d.SMTP
			return d, c.ready(ctx)
		}
		if time.Now().After(end) || ctx.Err() != nil {
			c.end()
			return nil, fmt.Errorf("the demo does not start: %s", c.errs.String())
		}
		<-time.After(5 * time.Millisecond)
	}
}

// trapped waits for the newest mail or SMS to somebody and returns its text.
func (d *demo) trapped(ctx context.Context, kind, to string) (string, error) {
	for end := time.Now().Add(startup); time.Now().Before(end) && ctx.Err() == nil; {
		r, err := http.Get(d.Trap + "/messages.json")
		if err != nil {
			return "", err
		}
		var all []struct {
			Kind, Text string
			To         []string
		}
		err = json.NewDecoder(r.Body).Decode(&all)
		r.Body.Close()
		if err != nil {
			return "", err
		}
		for i := len(all) - 1; i >= 0; i-- {
			if m := all[i]; m.Kind == kind && len(m.To) == 1 && m.To[0] == to {
				return m.Text, nil
			}
		}
		<-time.After(10 * time.Millisecond)
	}
	return "", fmt.Errorf("no %s came", kind)
}

// browser is somebody at the portal, with cookies.
type browser struct {
	client http.Client
	base   string
	page   string // the last one
}

// newBrowser comes from an address of its own on loopback, since wrong passwords are
// counted by address. Nil: from any.
func newBrowser(base string, from net.IP) *browser {
	jar, _ := cookiejar.New(nil) // without options it cannot fail
	d := net.Dialer{}
	if from != nil {
		d.LocalAddr = &net.TCPAddr{IP: from}
	}
	return &browser{client: http.Client{Jar: jar, Timeout: 10 * patience, Transport: &http.Transport{DialContext: d.DialContext}}, base: base}
}

func (b *browser) close() { b.client.CloseIdleConnections() }

// get opens a page.
func (b *browser) get(ctx context.Context, path string) error {
	r, err := http.NewRequestWithContext(ctx, "GET", b.base+path, nil)
	if err != nil {
		return err
	}
	_, err = b.do(r)
	return err
}

var (
	formToken = regexp.MustCompile(`name="csrf" value="([^"]*)"`)
	linkCode  = regexp.MustCompile(`/m#([0-9A-Z-]{24})`)
	sixDigits = regexp.MustCompile(`\b([0-9]{6})\b`)
	aFile     = regexp.MustCompile(`href="(/m/letter/file/[0-9]+)"`)
	sendDraft = regexp.MustCompile(`action="(/write/[0-9a-z]{26}/send)"`)
)

// token is that of the form on the page.
func (b *browser) token() string { return html.UnescapeString(first(formToken, b.page)) }

func first(re *regexp.Regexp, text string) string {
	if m := re.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}

// post sends the form on the page.
func (b *browser) post(ctx context.Context, path string, fields ...string) (status int, err error) {
	v := url.Values{"csrf": {b.token()}}
	for i := 0; i+1 < len(fields); i += 2 {
		v.Set(fields[i], fields[i+1])
	}
	r, err := http.NewRequestWithContext(ctx, "POST", b.base+path, strings.NewReader(v.Encode()))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.do(r)
}

// do sends a request as a browser would and keeps the page.
func (b *browser) do(r *http.Request) (status int, err error) {
	r.Header.Set("Accept-Language", "sv")
	if r.Method == "POST" {
		r.Header.Set("Origin", b.base)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	res, err := b.client.Do(r)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	page, err := io.ReadAll(io.LimitReader(res.Body, 4<<20))
	b.page = string(page)
	if err == nil && res.StatusCode >= 500 {
		err = fmt.Errorf("%s answers %s", r.URL.Path, res.Status)
	}
	return res.StatusCode, err
}

// signIn signs a caseworker of the demo in.
func (d *demo) signIn(ctx context.Context, b *browser) error {
	if err := b.get(ctx, "/in"); err != nil {
		return err
	}
	_, err := b.post(ctx, "/in", "address", d.Accounts[0].Email, "password", d.Accounts[0].Password)
	return err
}
