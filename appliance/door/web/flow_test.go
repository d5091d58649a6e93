package web_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// flows is a route whose download is what write makes.
func flows(path string, write func(context.Context, io.Writer) error) web.Route {
	return get(path, web.Anyone, func(r *web.Request) error { return r.Flow("brev.tar.age", "application/octet-stream", write) })
}

// endless writes until it cannot, and says why.
func endless(why chan<- error) func(context.Context, io.Writer) error {
	return func(_ context.Context, w io.Writer) error {
		b := make([]byte, 64<<10)
		for {
			if _, err := w.Write(b); err != nil {
				why <- err
				return err
			}
		}
	}
}

func TestFlow(t *testing.T) {
	const secret = "C4NARY-in-a-panic"
	why := make(chan error, 1)
	large := strings.Repeat("0123456789", 100_000)
	breaks := func(how func() error) func(context.Context, io.Writer) error {
		return func(_ context.Context, w io.Writer) error {
			if _, err := io.WriteString(w, large); err != nil {
				return err
			}
			return how()
		}
	}
	h := open(t, nil,
		flows("/large", breaks(func() error { return nil })),
		flows("/empty", func(context.Context, io.Writer) error { return nil }),
		flows("/torn", breaks(func() error { return errOurs })),
		flows("/over", breaks(func() error { return mail.E(mail.Denied, "error.denied", errors.New("over")) })),
		flows("/panics", breaks(func() error { panic(secret) })),
		flows("/endless", endless(why)),
	)
	t.Run("it is a download, and kept nowhere", func(t *testing.T) {
		r := h.do(h.client(), "GET", "/large", nil)
		if r.body != large || r.ContentLength != -1 {
			t.Errorf("%d bytes, length %d", len(r.body), r.ContentLength)
		}
		for k, want := range map[string]string{
			"Content-Disposition": `attachment; filename="brev.tar.age"`, "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'",
			"Cache-Control": "no-store", "Content-Type": "application/octet-stream",
		} {
			if !strings.HasPrefix(r.Header.Get(k), want) {
				t.Errorf("%s: %q", k, r.Header.Get(k))
			}
		}
		if r := h.do(h.client(), "GET", "/empty", nil); r.StatusCode != 200 || r.body != "" {
			t.Error(r.StatusCode, r.body)
		}
	})
	t.Run("one that breaks off is seen by the client, and the server lives", func(t *testing.T) {
		for _, path := range []string{"/torn", "/over", "/panics"} {
			res, err := h.client().Get(h.url + path)
			if err != nil {
				t.Fatal(err)
			}
			n, err := io.Copy(io.Discard, res.Body)
			_ = res.Body.Close()
			if err == nil || n > int64(len(large)) {
				t.Errorf("%s: %d bytes without an error", path, n)
			}
		}
		if r := h.do(h.client(), "GET", "/empty", nil); r.StatusCode != 200 {
			t.Error(r.StatusCode)
		}
	})
	t.Run("what is ours to mend stands in the log, without what it panicked with", func(t *testing.T) {
		if n := strings.Count(h.logs.String(), `level=ERROR msg="download broken off"`); n != 2 || strings.Contains(h.logs.String(), secret) {
			t.Errorf("%d errors in the log", n)
		}
	})
	t.Run("who hangs up ends the writing", func(t *testing.T) {
		c, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(c, "GET /endless HTTP/1.1\r\nHost: x\r\n\r\n")
		if _, err := io.CopyN(io.Discard, c, 1<<20); err != nil {
			t.Fatal(err)
		}
		_ = c.Close()
		if err := <-why; err == nil {
			t.Error("it went on")
		}
	})
	t.Run("the next request on the same connection is answered", func(t *testing.T) {
		c, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_, _ = io.WriteString(c, strings.Repeat("GET /large HTTP/1.1\r\nHost: x\r\n\r\n", 2))
		in := bufio.NewReader(c)
		for range 2 {
			res, err := http.ReadResponse(in, nil)
			if err != nil {
				t.Fatal(err)
			}
			if b, err := io.ReadAll(res.Body); err != nil || string(b) != large {
				t.Errorf("%d bytes, %v", len(b), err)
			}
		}
	})
}

func TestFlowAtTheEnd(t *testing.T) {
	begun, ended := make(chan struct{}), make(chan struct{})
	h := open(t, func(c *web.Config) { c.Stop = 50 * time.Millisecond }, flows("/waits", func(ctx context.Context, w io.Writer) error {
		defer close(ended)
		if _, err := w.Write([]byte("x")); err != nil {
			return err
		}
		close(begun)
		<-ctx.Done()
		return ctx.Err()
	}))
	t.Run("the server's end ends a download, and waits for it", func(t *testing.T) {
		c, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_, _ = io.WriteString(c, "GET /waits HTTP/1.1\r\nHost: x\r\n\r\n")
		<-begun
		h.stop()
		select {
		case <-ended:
		default:
			t.Error("it still writes")
		}
		if b, err := io.ReadAll(c); err == nil && strings.HasSuffix(string(b), "0\r\n\r\n") {
			t.Error("it looks whole")
		}
	})
}
