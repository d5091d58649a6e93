package web_test

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"testing"
	"time"

	"sigill/appliance/door/web"
)

// closing is content that notes whether it was closed.
type closing struct {
	io.ReaderAt
	closed chan struct{}
}

func (c closing) Close() error { close(c.closed); return nil }

// torn breaks off, or panics.
type torn struct{ panics bool }

func (x torn) ReadAt(b []byte, at int64) (int, error) {
	if at < 70_000 {
		return len(b), nil
	}
	if x.panics {
		panic("torn")
	}
	return 0, errors.New("torn")
}

func TestStream(t *testing.T) {
	const text = "0123456789"
	modified := time.Date(2026, 4, 1, 12, 0, 0, 5e6, time.UTC)
	stamp := modified.Format(http.TimeFormat)
	closed := make(chan struct{})
	h := open(t, nil,
		get("/f", web.Anyone, func(r *web.Request) error {
			return r.Stream("beslut.pdf", "application/pdf", 10, strings.NewReader(text), modified)
		}),
		get("/empty", web.Anyone, func(r *web.Request) error {
			return r.Stream("x", "bad type\r\nX: y", 0, strings.NewReader(""), modified)
		}),
		get("/closing", web.Anyone, func(r *web.Request) error {
			return r.Stream("x", "text/html", 10, closing{strings.NewReader(text), closed}, modified)
		}),
		get("/torn", web.Anyone, func(r *web.Request) error { return r.Stream("x", "a/b", 1<<20, torn{}, modified) }),
		get("/panics", web.Anyone, func(r *web.Request) error { return r.Stream("x", "a/b", 1<<20, torn{true}, modified) }),
	)
	for _, tc := range []struct {
		ask, again string
		status     int
		body, part string
	}{
		{"", "", 200, text, ""},
		{"bytes=0-3", "", 206, "0123", "bytes 0-3/10"},
		{"bytes=4-", "", 206, "456789", "bytes 4-9/10"},
		{"bytes=-3", "", 206, "789", "bytes 7-9/10"},
		{"bytes=-30", "", 206, text, "bytes 0-9/10"},
		{"bytes=9-100", "", 206, "9", "bytes 9-9/10"},
		{"bytes=10-", "", 416, "", "bytes */10"},
		{"bytes=-0", "", 416, "", "bytes */10"},
		{"bytes=3-1", "", 200, text, ""},
		{"bytes=0-1,3-4", "", 200, text, ""},
		{"bytes=+1-2", "", 200, text, ""},
		{"bytes=1", "", 200, text, ""},
		{"bytes=--1", "", 200, text, ""},
		{"lines=0-1", "", 200, text, ""},
		{"bytes=99999999999999999999-", "", 200, text, ""},
		{"bytes=0-3", stamp, 206, "0123", "bytes 0-3/10"},
		{"bytes=0-3", "Wed, 01 Apr 2026 12:00:01 GMT", 200, text, ""},
		{"bytes=0-3", `"etag"`, 200, text, ""},
	} {
		r := h.do(h.client(), "GET", "/f", nil, "Range", tc.ask, "If-Range", tc.again)
		if r.StatusCode != tc.status || r.body != tc.body || r.Header.Get("Content-Range") != tc.part {
			t.Errorf("%q if %q: %d %q %q", tc.ask, tc.again, r.StatusCode, r.body, r.Header.Get("Content-Range"))
		}
		d := h.do(h.client(), "HEAD", "/f", nil, "Range", tc.ask, "If-Range", tc.again)
		if d.StatusCode != 200 || d.body != "" || d.ContentLength != 10 {
			t.Errorf("HEAD %q: %d, %s bytes", tc.ask, d.StatusCode, d.Header.Get("Content-Length"))
		}
	}
	t.Run("a download is never shown in our origin nor kept", func(t *testing.T) {
		r := h.do(h.client(), "GET", "/closing", nil)
		for k, want := range map[string]string{
			"Content-Disposition": "attachment; ", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'",
			"Cache-Control": "no-store", "Accept-Ranges": "bytes", "Cross-Origin-Resource-Policy": "same-origin",
		} {
			if !strings.HasPrefix(r.Header.Get(k), want) {
				t.Errorf("%s: %q", k, r.Header.Get(k))
			}
		}
		<-closed
	})
	t.Run("an empty file and a type that is none", func(t *testing.T) {
		r := h.do(h.client(), "GET", "/empty", nil)
		if r.StatusCode != 200 || r.body != "" || r.Header.Get("Content-Type") != "application/octet-stream" || r.Header.Get("X") != "" {
			t.Error(r.StatusCode, r.Header)
		}
	})
	t.Run("content that breaks off is seen by the client, and the server lives", func(t *testing.T) {
		for _, path := range []string{"/torn", "/panics"} {
			res, err := h.client().Get(h.url + path)
			if err != nil {
				t.Fatal(err)
			}
			n, err := io.Copy(io.Discard, res.Body)
			_ = res.Body.Close()
			if err == nil || n >= 1<<20 {
				t.Errorf("%s: %d bytes without an error", path, n)
			}
		}
		if r := h.do(h.client(), "GET", "/f", nil); r.StatusCode != 200 {
			t.Error(r.StatusCode)
		}
	})
	t.Run("foreign HTML has no script, no form and no origin", func(t *testing.T) {
		h := open(t, nil, get("/html", web.Anyone, func(r *web.Request) error { return r.Foreign("<p>hej</p>") }))
		r := h.do(h.client(), "GET", "/html", nil)
		csp := r.Header.Get("Content-Security-Policy")
		if !strings.HasPrefix(csp, "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'") || strings.Contains(csp, "script") ||
			!strings.Contains(csp, "frame-ancestors 'self'") || r.Header.Get("X-Frame-Options") != "SAMEORIGIN" || r.body != "<p>hej</p>" {
			t.Error(csp)
		}
	})
}

func TestPicture(t *testing.T) {
	h := open(t, nil, get("/p/:kind", web.Anyone, func(r *web.Request) error {
		return r.Picture("image/"+r.Param("kind"), 4, strings.NewReader("GIF8"))
	}))
	if r := h.do(h.client(), "GET", "/p/gif", nil); r.StatusCode != 200 || r.body != "GIF8" || r.Header.Get("Content-Type") != "image/gif" ||
		r.Header.Get("Cross-Origin-Resource-Policy") != "cross-origin" || !strings.HasPrefix(r.Header.Get("Content-Security-Policy"), "sandbox") {
		t.Error(r.StatusCode, r.Header)
	}
	if r := h.do(h.client(), "GET", "/p/svg+xml", nil); r.StatusCode != 404 || strings.Contains(r.body, "GIF8") {
		t.Error(r.StatusCode, r.body)
	}
}

func TestFileNames(t *testing.T) {
	var name string
	h := open(t, nil, get("/f", web.Anyone, func(r *web.Request) error {
		return r.Stream(name, "a/b", 1, strings.NewReader("x"), time.Unix(0, 0))
	}))
	for given, want := range map[string]string{
		"beslut.pdf": "beslut.pdf", "åäö €.txt": "åäö €.txt", `a"b\c;d=e.txt`: "c;d=e.txt", "a\r\nSet-Cookie: x=y": "aSet-Cookie: x=y",
		"a\u2028b\u0085c\x00d": "abcd", "": "file", "..": "file", "dir/": "file", "%41.txt": "%41.txt", "a'b.txt": "a'b.txt", strings.Repeat("å", 200): strings.Repeat("å", 100),
	} {
		name = given
		r := h.do(h.client(), "GET", "/f", nil)
		_, params, err := mime.ParseMediaType(r.Header.Get("Content-Disposition"))
		if err != nil || params["filename"] != want || r.Header.Get("Set-Cookie") != "" {
			t.Errorf("%q: %v %q, not %q", given, err, params["filename"], want)
		}
	}
}
