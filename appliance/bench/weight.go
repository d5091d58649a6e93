package bench

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// weight is row 17: what the citizen's three screens and the mailbox weigh, each with all that
// it fetches, in a browser that has nothing of it yet. Bodies are counted as they go over the
// wire; heads are not, which no page can change. It does not depend on the machine, so it is
// measured once.
func (b *bench) weight(ctx context.Context) error {
	dir := filepath.Join(b.dir, "weight")
	defer os.RemoveAll(dir)
	d, err := b.startDemo(ctx, dir)
	if err != nil {
		return err
	}
	defer d.end()
	guest, staff := newBrowser(d.Portal, nil), newBrowser(d.Portal, nil)
	defer guest.close()
	defer staff.close()
	to := citizen{"anna@example.se", "+46701234567"}
	if err := d.signIn(ctx, staff); err != nil {
		return err
	}
	if err := staff.write(ctx, to, warm); err != nil {
		return err
	}
	notice, err := d.trapped(ctx, "email", to.address)
	if err != nil {
		return err
	}
	for _, p := range []struct {
		what, path string
		by         *browser
		most       float64
		enter      func() error
	}{
		{"the first screen, /m", "/m", guest, 40, nil},
		{"the second, /m/pin", "/m/pin", guest, 40, func() error { return guest.shows(ctx, linkCode, notice, "/m", "code") }},
		{"the letter, /m/letter", "/m/letter", guest, 40, func() error {
			sms, err := d.trapped(ctx, "sms", to.phone)
			return errors.Join(err, guest.shows(ctx, sixDigits, sms, "/m/pin", "pin"))
		}},
		{"the mailbox, /mail", "/mail", staff, 60, nil},
	} {
		if p.enter != nil {
			if err := p.enter(); err != nil {
				return fmt.Errorf("%s: %w", p.path, err)
			}
		}
		w, err := p.by.weigh(ctx, p.path)
		if err != nil {
			return fmt.Errorf("%s: %w", p.path, err)
		}
		b.found(17, "weight of "+p.what, atMost(p.most, "kB"), []float64{w.sent() / 1e3}, w.beside())
	}
	return nil
}

// shows types the first thing in a text that looks like a code into the form on the page, and
// wants to come further.
func (b *browser) shows(ctx context.Context, code *regexp.Regexp, text, at, field string) error {
	status, err := b.post(ctx, at, field, first(code, text))
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("%s answers %d", at, status)
	}
	return err
}

// bulk is bytes as they were sent, and as they are once unpacked.
type bulk struct{ sent, plain float64 }

// weighed is what a page costs, by kind of file: "html", "css", "js", "svg".
type weighed map[string]bulk

func (w weighed) sent() (sum float64) {
	for _, x := range w {
		sum += x.sent
	}
	return sum
}

func (w weighed) beside() map[string][]float64 {
	all := map[string][]float64{"unpacked kB": {0}}
	for kind, x := range w {
		all[kind+" kB"] = []float64{x.sent / 1e3}
		all["unpacked kB"][0] += x.plain / 1e3
	}
	return all
}

var fetched = regexp.MustCompile(`(?:href|src)="(/static/[^"]+)"`)

// weigh fetches a page, and each file that it names once.
func (b *browser) weigh(ctx context.Context, page string) (weighed, error) {
	w := weighed{}
	html, err := b.load(ctx, page, w, "html")
	if err != nil {
		return nil, err
	}
	var seen []string
	for _, m := range fetched.FindAllStringSubmatch(html, -1) {
		if slices.Contains(seen, m[1]) {
			continue
		}
		seen = append(seen, m[1])
		if _, err := b.load(ctx, m[1], w, strings.TrimPrefix(path.Ext(m[1]), ".")); err != nil {
			return nil, err
		}
	}
	if len(seen) < 3 {
		return nil, fmt.Errorf("the page names only %d files", len(seen))
	}
	b.page = html
	return w, nil
}

// load fetches one thing as a browser does, which unpacks it by itself only after it was counted.
func (b *browser) load(ctx context.Context, at string, w weighed, kind string) (string, error) {
	r, err := http.NewRequestWithContext(ctx, "GET", b.base+at, nil)
	if err != nil {
		return "", err
	}
	r.Header.Set("Accept-Encoding", "gzip") // said here, Go leaves the answer as it came
	r.Header.Set("Accept-Language", "sv")
	res, err := b.client.Do(r)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	sent, err := io.ReadAll(io.LimitReader(res.Body, 4<<20))
	if err != nil {
		return "", err
	}
	if res.StatusCode != http.StatusOK || res.Request.URL.Path != at {
		return "", fmt.Errorf("%s leads to %s, %s", at, res.Request.URL.Path, res.Status)
	}
	plain := sent
	if res.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(bytes.NewReader(sent))
		if err != nil {
			return "", err
		}
		if plain, err = io.ReadAll(io.LimitReader(z, 16<<20)); err != nil {
			return "", err
		}
	}
	w[kind] = bulk{w[kind].sent + float64(len(sent)), w[kind].plain + float64(len(plain))}
	return string(plain), nil
}
