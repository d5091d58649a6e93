package web_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// zeros is n zero bytes, made as they are read.
type zeros struct{ n int64 }

func (z *zeros) Read(p []byte) (int, error) {
	if z.n == 0 {
		return 0, io.EOF
	}
	n := min(int64(len(p)), z.n)
	clear(p[:n])
	z.n -= n
	return int(n), nil
}

// take reads an upload to its end and says what it saw.
func take(seen *[]string, peak *uint64) func(*web.Request) error {
	return func(r *web.Request) error {
		*seen = nil
		buf := make([]byte, 64<<10)
		for {
			p, err := r.Upload().Next()
			if err == io.EOF {
				return r.Done()
			}
			if err != nil {
				return err
			}
			var n, next int64
			for next = 16 << 20; ; {
				m, err := p.Read(buf)
				n += int64(m)
				if peak != nil && n >= next {
					next += 16 << 20
					*peak = max(*peak, heap())
				}
				if err == io.EOF {
					break
				}
				if err != nil {
					return err
				}
			}
			*seen = append(*seen, fmt.Sprintf("%s|%s|%s|%d", p.Name, p.File, p.Type, n))
		}
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func upload(path string, limit int64, h func(*web.Request) error) web.Route {
	return web.Route{Method: "POST", Path: path, Need: web.Anyone, Body: web.Upload, Limit: limit, Handle: h}
}

// multi writes a small upload.
func multi(t *testing.T, write func(m *multipart.Writer)) (io.Reader, string) {
	t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	write(m)
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	return &b, m.FormDataContentType()
}

func file(t *testing.T, m *multipart.Writer, field, name, content string) {
	t.Helper()
	w, err := m.CreateFormFile(field, name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, content); err != nil {
		t.Fatal(err)
	}
}

func TestUpload(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	var seen []string
	h := open(t, nil, upload("/up", 1<<20, take(&seen, nil)), get("/", web.Anyone, plain("x")),
		web.Route{Method: "POST", Path: "/mine", Need: web.SignedIn, Body: web.Upload, Limit: 1 << 20, Handle: take(&seen, nil)},
		get("/in", web.SignedIn, plain("x")))
	same := []string{"Sec-Fetch-Site", "same-origin"}
	send := func(want int, write func(m *multipart.Writer)) {
		t.Helper()
		b, kind := multi(t, write)
		if r := h.do(h.client(), "POST", "/up", b, append(same, "Content-Type", kind)...); r.StatusCode != want {
			t.Errorf("%d, not %d: %s", r.StatusCode, want, r.body)
		}
	}
	t.Run("fields and files come one after the other, names cleaned, the token left out", func(t *testing.T) {
		send(204, func(m *multipart.Writer) {
			_ = m.WriteField("csrf", "whatever")
			_ = m.WriteField("text", "hej")
			file(t, m, "file", `C:\Users\x\..\besl`+"\u202e"+`ut.pdf`, "pdf")
			file(t, m, "file", "../../etc/passwd", "")
			file(t, m, "file", "..", "x")
		})
		want := []string{"text|||3", "file|beslut.pdf|application/octet-stream|3", "file|passwd|application/octet-stream|0", "file|file|application/octet-stream|1"}
		if fmt.Sprint(seen) != fmt.Sprint(want) {
			t.Errorf("%q\n%q", seen, want)
		}
	})
	t.Run("the token is in the first part or in a header", func(t *testing.T) {
		c := h.as(person)
		token, other := formToken(t, h.do(c, "GET", "/in", nil).body), "x"
		if token[:1] == other {
			other = "y"
		}
		for name, tc := range map[string]struct {
			first, header string
			want          int
		}{"first part": {token, "", 204}, "header": {"", token, 204}, "neither": {"", "", 403}, "wrong": {other + token[1:], "", 403}} {
			b, kind := multi(t, func(m *multipart.Writer) {
				if tc.first != "" {
					_ = m.WriteField("csrf", tc.first)
				}
				file(t, m, "f", "a", "b")
			})
			if r := h.do(c, "POST", "/mine", b, append(same, "Content-Type", kind, "X-Sigill-Form", tc.header)...); r.StatusCode != tc.want {
				t.Errorf("%s: %d, not %d", name, r.StatusCode, tc.want)
			}
		}
	})
	t.Run("too much is refused, declared or not", func(t *testing.T) {
		send(413, func(m *multipart.Writer) { file(t, m, "f", "a", strings.Repeat("x", 1<<20)) })
		b, kind := multi(t, func(m *multipart.Writer) { file(t, m, "f", "a", strings.Repeat("x", 1<<20)) })
		if r := h.do(h.client(), "POST", "/up", struct{ io.Reader }{b}, append(same, "Content-Type", kind)...); r.StatusCode != 413 {
			t.Error(r.StatusCode)
		}
	})
	t.Run("a part's header of a megabyte is refused before it is read", func(t *testing.T) {
		send(413, func(m *multipart.Writer) { file(t, m, "f", strings.Repeat("x", 900<<10), "y") })
	})
	t.Run("many parts are refused", func(t *testing.T) {
		send(400, func(m *multipart.Writer) {
			for range 300 {
				_ = m.WriteField("a", "b")
			}
		})
	})
	t.Run("another type is refused", func(t *testing.T) {
		for _, kind := range []string{"", formType, "multipart/form-data", "multipart/mixed; boundary=x"} {
			if r := h.do(h.client(), "POST", "/up", strings.NewReader("x"), append(same, "Content-Type", kind)...); r.StatusCode != 415 {
				t.Errorf("%q: %d", kind, r.StatusCode)
			}
		}
	})
	t.Run("nothing was written to disk", func(t *testing.T) {
		if l, err := os.ReadDir(os.Getenv("TMPDIR")); err != nil || len(l) > 0 {
			t.Error(l, err)
		}
	})
}

func TestBodyThatEndsEarly(t *testing.T) {
	type outcome struct {
		n   int64
		err error
	}
	ends := make(chan outcome, 1)
	raw := web.Route{Method: "POST", Path: "/raw", Need: web.Anyone, Body: web.Raw, Limit: 1 << 20, Handle: func(r *web.Request) error {
		n, err := io.Copy(io.Discard, r.RawBody())
		ends <- outcome{n, err}
		return err
	}}
	h := open(t, nil, raw)
	for name, body := range map[string]string{
		"a declared length":       "Content-Length: 20000\r\n\r\n" + strings.Repeat("x", 12000),
		"chunks":                  "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
		"the middle of a chunk":   "Transfer-Encoding: chunked\r\n\r\n5\r\nhel",
		"chunks that are no such": "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n",
	} {
		t.Run("with "+name+" it is an error, never a short success", func(t *testing.T) {
			c, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			_, _ = io.WriteString(c, "POST /raw HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\n"+body)
			_ = c.(*net.TCPConn).CloseWrite()
			got := <-ends
			var e *mail.Error
			if !errors.As(got.err, &e) || e.Kind != mail.Invalid {
				t.Errorf("%d bytes, %v", got.n, got.err)
			}
		})
	}
}

// bulk is what goes through the door in the memory tests: row 5 of the targets in
// small.
func bulk() int64 {
	if os.Getenv("SIGILL_FULL") == "" {
		return 64 << 20
	}
	return 256 << 20
}

// TestUploadMemory sends one large file and watches the heap.
func TestUploadMemory(t *testing.T) {
	var seen []string
	var peak uint64
	size := bulk()
	h := open(t, nil, upload("/up", 2*size, take(&seen, &peak)))
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	file(t, m, "f", "big", "")
	head := b.String()
	_ = m.Close()
	tail := b.String()[len(head):]
	before := heap()
	begun := time.Now()
	r := h.do(h.client(), "POST", "/up", io.MultiReader(strings.NewReader(head), &zeros{size}, strings.NewReader(tail)),
		"Sec-Fetch-Site", "same-origin", "Content-Type", m.FormDataContentType())
	if r.StatusCode != 204 || len(seen) != 1 || !strings.HasSuffix(seen[0], fmt.Sprintf("|%d", size)) {
		t.Fatal(r.StatusCode, r.body, seen)
	}
	grown := int64(peak) - int64(before)
	t.Logf("%d MiB in %v, heap grew by %d KiB", size>>20, time.Since(begun).Round(time.Millisecond), grown>>10)
	if grown > 4<<20 {
		t.Errorf("the heap grew by %d bytes", grown)
	}
}

func TestDownloadMemory(t *testing.T) {
	size := bulk()
	h := open(t, nil, get("/f", web.Anyone, func(r *web.Request) error {
		return r.Stream("big.bin", "application/x-big", size, pattern(size), time.Unix(1e9, 0))
	}))
	before, peak := heap(), uint64(0)
	res, err := h.client().Get(h.url + "/f")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	sum := sha256.New()
	for n := int64(0); n < size; {
		m, err := io.CopyN(sum, res.Body, 32<<20)
		if n += m; err != nil {
			t.Fatal(n, err)
		}
		peak = max(peak, heap())
	}
	want := sha256.New()
	_, _ = io.Copy(want, io.NewSectionReader(pattern(size), 0, size))
	if !bytes.Equal(sum.Sum(nil), want.Sum(nil)) {
		t.Error("other bytes: " + hex.EncodeToString(sum.Sum(nil)))
	}
	t.Logf("heap grew by %d KiB", (int64(peak)-int64(before))>>10)
	if int64(peak)-int64(before) > 4<<20 {
		t.Errorf("the heap grew by %d bytes", peak-before)
	}
}

// pattern is content of which each byte says where it stands.
type pattern int64

func (p pattern) ReadAt(b []byte, at int64) (int, error) {
	n := 0
	for ; n < len(b) && at < int64(p); n++ {
		b[n] = byte(at>>16) ^ byte(at>>8) ^ byte(at)
		at++
	}
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}
