package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// mark is what is looked for outside the store. It is in every KiB of the attachment.
const mark = "sigill-bench-mark-7f3a9c51e2d84b60"

const (
	giga = 1 << 30
	warm = 1 << 20
)

// marked is a stream that says the mark again and again, however it is read.
type marked struct{ at, end int64 }

// Read fills p.
func (m *marked) Read(p []byte) (int, error) {
	if m.at == m.end {
		return 0, io.EOF
	}
	const line = mark + "\n"
	n := 0
	for n < len(p) && m.at < m.end {
		from := int(m.at % int64(len(line)))
		k := copy(p[n:min(int64(len(p)), int64(n)+m.end-m.at)], line[from:])
		n, m.at = n+k, m.at+int64(k)
	}
	return n, nil
}

// attachment is row 5: a caseworker sends a large file from the portal, and a citizen
// fetches it there. What counts is how much the process grows, and that no clear byte
// lies outside the store, nor inside.
func (b *bench) attachment(ctx context.Context) error {
	var growth, up, down []float64
	for range min(b.Rounds, 3) { // memory has no noise that more rounds would take away
		m, err := b.oneAttachment(ctx)
		if err != nil {
			return err
		}
		growth, up, down = append(growth, m.growth), append(up, m.up), append(down, m.down)
	}
	b.found(5, "attachment of 1 GiB up and down: growth of memory", atMost(16, "MB"), growth, map[string][]float64{"MB/s up": up, "MB/s down": down, "clear bytes found": {0}})
	return nil
}

type transfer struct{ growth, up, down float64 }

func (b *bench) oneAttachment(ctx context.Context) (t transfer, err error) {
	dir := filepath.Join(b.dir, "attachment")
	defer os.RemoveAll(dir)
	d, err := b.startDemo(ctx, dir)
	if err != nil {
		return t, err
	}
	defer d.end()
	sender := newBrowser(d.Portal, nil)
	defer sender.close()
	if err := d.signIn(ctx, sender); err != nil {
		return t, err
	}
	// Once with a small file: what the first of any size takes, the large one does not
	// take again.
	if _, _, err := d.both(ctx, sender, citizen{"anna@example.se", "+46701234567"}, warm); err != nil {
		return t, err
	}
	before, err := d.status("VmRSS")
	if err != nil {
		return t, err
	}
	if err := d.resetPeak(); err != nil {
		return t, err
	}
	if t.up, t.down, err = d.both(ctx, sender, citizen{"bo@example.se", "+46701234568"}, giga); err != nil {
		return t, err
	}
	peak, err := d.status("VmHWM")
	if err != nil {
		return t, err
	}
	t.growth = peak - before
	return t, errors.Join(control(dir), unmarked(dir))
}

// both sends a file to a citizen who fetches it, and returns how many MB a second that
// made.
func (d *demo) both(ctx context.Context, sender *browser, to citizen, size int64) (up, down float64, err error) {
	begin := time.Now()
	if err := sender.write(ctx, to, size); err != nil {
		return 0, 0, err
	}
	up = float64(size) / 1e6 / time.Since(begin).Seconds()
	guest := newBrowser(d.Portal, nil)
	defer guest.close()
	if err := d.openLetter(ctx, guest, to); err != nil {
		return 0, 0, err
	}
	begin = time.Now()
	if err := guest.download(ctx, size); err != nil {
		return 0, 0, err
	}
	return up, float64(size) / 1e6 / time.Since(begin).Seconds(), nil
}

// citizen is somebody to write to.
type citizen struct{ address, phone string }

// write writes a letter with a file of size bytes, made while it is sent.
func (b *browser) write(ctx context.Context, to citizen, size int64) error {
	if err := b.get(ctx, "/write"); err != nil {
		return err
	}
	var head bytes.Buffer
	w := multipart.NewWriter(&head)
	for _, f := range [][2]string{{"csrf", b.token()}, {"to", to.address}, {"phone", to.phone}, {"subject", "Film"}, {"text", "Här är filmen."}, {"do", "send"}} {
		w.WriteField(f[0], f[1])
	}
	if _, err := w.CreateFormFile("files", "film.bin"); err != nil {
		return err
	}
	end := "\r\n--" + w.Boundary() + "--\r\n"
	length := int64(head.Len()) + size + int64(len(end))
	r, err := http.NewRequestWithContext(ctx, "POST", b.base+"/write", io.MultiReader(&head, &marked{end: size}, strings.NewReader(end)))
	if err != nil {
		return err
	}
	r.ContentLength = length
	r.Header.Set("Content-Type", w.FormDataContentType())
	if status, err := b.do(r); err != nil || status != http.StatusOK {
		return errors.Join(fmt.Errorf("the upload was answered %d", status), err)
	}
	if status, err := b.post(ctx, first(sendDraft, b.page)); err != nil || status != http.StatusOK {
		return errors.Join(fmt.Errorf("the letter was answered %d", status), err)
	}
	return nil
}

// openLetter opens a letter as its reader does.
func (d *demo) openLetter(ctx context.Context, guest *browser, to citizen) error {
	notice, err := d.trapped(ctx, "email", to.address)
	if err != nil {
		return err
	}
	if err := guest.get(ctx, "/m"); err != nil {
		return err
	}
	if _, err := guest.post(ctx, "/m", "code", first(linkCode, notice)); err != nil {
		return err
	}
	sms, err := d.trapped(ctx, "sms", to.phone)
	if err != nil {
		return err
	}
	_, err = guest.post(ctx, "/m/pin", "pin", first(sixDigits, sms))
	return err
}

// download fetches the letter's file and compares it.
func (b *browser) download(ctx context.Context, size int64) error {
	path := first(aFile, b.page)
	if path == "" {
		return errors.New("the letter has no file")
	}
	r, err := http.NewRequestWithContext(ctx, "GET", b.base+path, nil)
	if err != nil {
		return err
	}
	res, err := b.client.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	want, got, should := marked{end: size}, make([]byte, 1<<20), make([]byte, 1<<20)
	for total := int64(0); total < size; {
		n, err := io.ReadFull(res.Body, got[:min(int64(len(got)), size-total)])
		if err != nil {
			return fmt.Errorf("the file ends after %d bytes: %w", total+int64(n), err)
		}
		if want.Read(should[:n]); !bytes.Equal(got[:n], should[:n]) {
			return fmt.Errorf("the file differs near byte %d", total)
		}
		total += int64(n)
	}
	return nil
}

// unmarked looks for the mark in every file below dir: the store, its log, and the
// temporary directory.
func unmarked(dir string) error {
	return filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		found, err := holds(path, mark)
		if err == nil && found {
			err = fmt.Errorf("clear bytes in %s", e.Name())
		}
		return err
	})
}

// control writes the mark once and wants it to be found: a search that finds nothing
// must be one that can find something.
func control(dir string) error {
	path := filepath.Join(dir, "control")
	if err := os.WriteFile(path, []byte(strings.Repeat("x", 1<<20-7)+mark), 0o600); err != nil {
		return err
	}
	defer os.Remove(path)
	if unmarked(dir) == nil {
		return errors.New("the search for clear bytes finds nothing")
	}
	return nil
}

// holds reports whether a file has the text, also across the edges of what is read
// at once.
func holds(path, text string) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	buf, kept := make([]byte, 1<<20), 0
	for {
		n, err := f.Read(buf[kept:])
		if bytes.Contains(buf[:kept+n], []byte(text)) {
			return true, nil
		}
		if err == io.EOF {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		kept = copy(buf, buf[max(0, kept+n-len(text)):kept+n])
	}
}
