package target_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"

	"sigill/backup/target"
	"sigill/backup/target/targettest"
)

func put(r *http.Request) bool { return r.Method == http.MethodPut }
func get(r *http.Request) bool { return r.Method == http.MethodGet && r.URL.RawQuery == "" }

func busy(w http.ResponseWriter, _ *http.Request) {
	w.WriteHeader(http.StatusServiceUnavailable)
	io.WriteString(w, `<Error><Code>SlowDown</Code><Message>later</Message></Error>`)
}

// answers is a service that has no room, or gives another reason.
func answers(status int, code string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(status)
		io.WriteString(w, "<Error><Code>"+code+"</Code><Message>no</Message></Error>")
	}
}

// cut reads half of what comes and hangs up.
func cut(_ http.ResponseWriter, r *http.Request) {
	io.CopyN(io.Discard, r.Body, r.ContentLength/2)
	panic(http.ErrAbortHandler)
}

func TestS3(t *testing.T) {
	targettest.Suite(t, func(t testing.TB) target.Place { return targettest.NewService(t).Open(t) }, targettest.PartBytes-1, targettest.PartBytes, targettest.PartBytes+1, 2*targettest.PartBytes+3)

	t.Run("nothing stands outside its prefix, and nothing outside is seen or touched", func(t *testing.T) {
		s := targettest.NewService(t)
		p := s.Open(t)
		c := s.Config()
		c.Prefix = ""
		all, err := target.OpenS3(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		targettest.Put(t, all, "house2/mark", []byte("another's"))
		targettest.Put(t, p, "mark", []byte("ours"))
		targettest.Has(t, all, "house/mark", []byte("ours"))
		if l := targettest.List(t, p, ""); len(l) != 1 || l[0].Name != "mark" {
			t.Errorf("%v", l)
		}
	})

	t.Run("a large object is never in memory as a whole", func(t *testing.T) {
		s := targettest.NewService(t)
		p := s.Open(t)
		s.Asked()
		content := targettest.Bytes(7, 3*targettest.PartBytes+100)
		targettest.Put(t, p, "pack/large", content)
		if s.Longest() > targettest.PartBytes {
			t.Errorf("a request of %d bytes", s.Longest())
		}
		if l := s.Asked(); len(l) != 6 { // begin, four parts, end
			t.Errorf("%q", l)
		}
		targettest.Has(t, p, "pack/large", content)
	})

	t.Run("a small object is one request, and one connection is kept", func(t *testing.T) {
		s := targettest.NewService(t)
		lines := map[string]bool{}
		p := s.Open(t)
		s.Fail(99, func(r *http.Request) bool {
			lines[r.RemoteAddr] = true
			return false
		}, busy)
		s.Asked()
		for range 5 {
			targettest.Put(t, p, "slots/1", []byte("a minute's"))
		}
		if l := s.Asked(); len(l) != 5 || len(lines) != 1 {
			t.Errorf("%q over %d connections", l, len(lines))
		}
	})
}

func TestS3Faults(t *testing.T) {
	old, fresh := []byte("old"), targettest.Bytes(1, 2*targettest.PartBytes+10)

	t.Run("a passing fault is none", func(t *testing.T) {
		s := targettest.NewService(t)
		s.Tries = 3
		p := s.Open(t)
		for _, how := range []func(http.ResponseWriter, *http.Request){busy, cut} {
			s.Fail(1, put, how)
			targettest.Put(t, p, "a", []byte("new"))
			targettest.Has(t, p, "a", []byte("new"))
			s.Fail(1, get, how)
			targettest.Has(t, p, "a", []byte("new"))
			s.Fail(1, func(r *http.Request) bool { return r.URL.Query().Get("partNumber") == "2" }, how)
			targettest.Put(t, p, "a", fresh)
			targettest.Has(t, p, "a", fresh)
		}
	})

	t.Run("one that lasts is told, and the old object stays", func(t *testing.T) {
		s := targettest.NewService(t)
		p := s.Open(t)
		targettest.Put(t, p, "a", old)
		for name, meant := range map[string]func(*http.Request) bool{
			"each":         put,
			"second part":  func(r *http.Request) bool { return r.URL.Query().Get("partNumber") == "2" },
			"first answer": func(r *http.Request) bool { return r.Method == http.MethodPost && r.URL.Query().Has("uploads") },
			"last answer":  func(r *http.Request) bool { return r.Method == http.MethodPost && r.URL.Query().Has("uploadId") },
		} {
			for _, how := range []func(http.ResponseWriter, *http.Request){busy, cut} {
				s.Fail(99, meant, how)
				if targettest.Tries(t.Context(), p, "a", fresh) == nil {
					t.Errorf("%s: no word of it", name)
				}
				s.Fail(0, put, busy)
				targettest.Has(t, p, "a", old)
				if got := uploads(t, s); got != 0 {
					t.Errorf("%s: %d uploads are left half done", name, got)
				}
			}
		}
	})

	t.Run("one that is full in the middle says so, nothing is lost, and nothing is left half done", func(t *testing.T) {
		s := targettest.NewService(t)
		p := s.Open(t)
		targettest.Put(t, p, "a", old)
		for name, full := range map[string]func(http.ResponseWriter, *http.Request){
			"507":   answers(http.StatusInsufficientStorage, "XMinioStorageFull"),
			"quota": answers(http.StatusForbidden, "QuotaExceeded"),
		} {
			for at, meant := range map[string]func(*http.Request) bool{
				"a small object": put,
				"second part":    func(r *http.Request) bool { return r.URL.Query().Get("partNumber") == "2" },
				"last answer":    func(r *http.Request) bool { return r.Method == http.MethodPost && r.URL.Query().Has("uploadId") },
			} {
				content := fresh
				if at == "a small object" {
					content = []byte("new")
				}
				s.Fail(99, meant, full)
				if err := targettest.Tries(t.Context(), p, "a", content); !errors.Is(err, target.ErrFull) {
					t.Errorf("%s, %s: %v", name, at, err)
				}
				s.Fail(0, put, full)
				targettest.Has(t, p, "a", old)
				if got := uploads(t, s); got != 0 {
					t.Errorf("%s, %s: %d uploads are left half done", name, at, got)
				}
			}
		}
		s.Fail(1, put, answers(http.StatusForbidden, "AccessDenied"))
		if err := targettest.Tries(t.Context(), p, "a", old); err == nil || errors.Is(err, target.ErrFull) {
			t.Errorf("the control: %v", err)
		}
		targettest.Put(t, p, "a", fresh)
		targettest.Has(t, p, "a", fresh)
	})

	t.Run("a download that is cut goes on where it was, and never with another object", func(t *testing.T) {
		s := targettest.NewService(t)
		p := s.Open(t)
		targettest.Put(t, p, "a", fresh)
		halves := func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "10485770")
			w.Header().Set("ETag", `"`+etagOf(t, s)+`"`)
			w.Header().Set("Last-Modified", "Mon, 01 Mar 2027 12:00:00 GMT")
			w.Write(fresh[:4_000_000])
			panic(http.ErrAbortHandler)
		}
		s.Fail(1, get, halves)
		s.Asked()
		targettest.Has(t, p, "a", fresh)
		if l := s.Asked(); len(l) != 2 {
			t.Errorf("%q", l)
		}
		s.Fail(1, get, func(w http.ResponseWriter, r *http.Request) {
			targettest.Put(t, s.Open(t), "a", old) // meanwhile
			halves(w, r)
		})
		if b, err := targettest.Read(t.Context(), p, "a"); err == nil {
			t.Errorf("%d bytes of two objects", len(b))
		}
	})

	t.Run("a service that says nothing is not waited for", func(t *testing.T) {
		s := targettest.NewService(t)
		c := s.Config()
		c.Stall = 100 * time.Millisecond
		p, err := target.OpenS3(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		targettest.Put(t, p, "a", old)
		silent := make(chan struct{})
		s.Fail(99, func(*http.Request) bool { return true }, func(w http.ResponseWriter, r *http.Request) {
			if get(r) {
				w.Header().Set("Content-Length", "3")
				w.Header().Set("Last-Modified", "Mon, 01 Mar 2027 12:00:00 GMT")
				w.Write(old[:1])
				http.NewResponseController(w).Flush()
			}
			<-silent
		})
		defer close(silent)
		if targettest.Tries(t.Context(), p, "a", old) == nil {
			t.Error("a put went well")
		}
		if _, err := targettest.Read(t.Context(), p, "a"); err == nil {
			t.Error("a get went well")
		}
		if p.Remove(t.Context(), "a", true) == nil {
			t.Error("a remove went well")
		}
		for _, err := range p.List(t.Context(), "") {
			if err == nil {
				t.Error("a list went well")
			}
		}
	})

	t.Run("what a crash has left half uploaded is swept away, when it is old", func(t *testing.T) {
		s := targettest.NewService(t)
		p := s.Open(t)
		crash := errors.New("crash")
		s.Fail(99, func(r *http.Request) bool { return r.Method == http.MethodDelete }, busy)
		if err := p.Put(t.Context(), "a", func(w io.Writer) error {
			w.Write(fresh)
			return crash
		}); !errors.Is(err, crash) {
			t.Fatal(err)
		}
		if uploads(t, s) != 1 {
			t.Fatal("the control: nothing is left")
		}
		s.Fail(0, put, busy)
		if err := p.Sweep(t.Context(), time.Now().Add(-time.Hour)); err != nil || uploads(t, s) != 1 {
			t.Errorf("%d are left of one that is young: %v", uploads(t, s), err)
		}
		if err := p.Sweep(t.Context(), time.Now().Add(time.Hour)); err != nil || uploads(t, s) != 0 {
			t.Errorf("%d are left: %v", uploads(t, s), err)
		}
	})
}

// etagOf asks the service what it calls "a".
func etagOf(t *testing.T, s *targettest.Service) string {
	t.Helper()
	o, err := s.Memory.HeadObject(targettest.Bucket, "house/a")
	if err != nil {
		t.Error(err)
		return ""
	}
	return strings.Trim(string(gofakes3.FormatETag(o.Hash)), `"`)
}

// uploads counts those that were begun and neither ended nor given up.
func uploads(t *testing.T, s *targettest.Service) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/"+targettest.Bucket+"?uploads", nil)
	if err != nil {
		t.Fatal(err)
	}
	a, err := s.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	if a.StatusCode == http.StatusNotFound && bytes.Contains(b, []byte("<Code>NoSuchUpload</Code>")) {
		return 0 // so this service says that none was ever begun
	}
	if err != nil || a.StatusCode != http.StatusOK {
		t.Fatalf("%d, %v: %s", a.StatusCode, err, b)
	}
	return bytes.Count(b, []byte("<UploadId>"))
}

func TestS3Refuses(t *testing.T) {
	t.Run("a bucket that keeps old versions, from the first day or from now on", func(t *testing.T) {
		s := targettest.NewService(t)
		p := s.Open(t)
		targettest.Put(t, p, "slots/1", []byte("before"))
		s.KeepVersions(t)
		if err := targettest.Tries(t.Context(), p, "slots/2", []byte("now")); !errors.Is(err, target.ErrKept) {
			t.Errorf("%v", err)
		}
		if n, err := p.Versions(t.Context(), "slots/2"); err != nil || n != 0 {
			t.Errorf("%d versions are left of what was refused: %v", n, err)
		}
		if err := targettest.Tries(t.Context(), p, "slots/2", targettest.Bytes(1, targettest.PartBytes+1)); !errors.Is(err, target.ErrKept) {
			t.Errorf("in parts: %v", err)
		}
		if err := target.Try(t.Context(), p); !errors.Is(err, target.ErrKept) {
			t.Errorf("a trial: %v", err)
		}
		if _, err := target.OpenS3(t.Context(), s.Config()); !errors.Is(err, target.ErrKept) {
			t.Errorf("opened: %v", err)
		}
	})

	for name, bad := range map[string]func(*target.S3Config){
		"http, and says why":       func(c *target.S3Config) { c.URL = strings.Replace(c.URL, "https", "http", 1) },
		"a service without a name": func(c *target.S3Config) { c.URL = "https://" },
		"an address with more":     func(c *target.S3Config) { c.URL += "/bucket?x=y" },
		"a certificate that nobody has signed": func(c *target.S3Config) {
			c.Roots = x509.NewCertPool()
		},
		"a bucket that is not there": func(c *target.S3Config) { c.Bucket = "another" },
	} {
		t.Run(name, func(t *testing.T) {
			s := targettest.NewService(t)
			c := s.Config()
			bad(&c)
			s.Asked()
			_, err := target.OpenS3(t.Context(), c)
			if err == nil {
				t.Fatal("it is opened")
			}
			if strings.HasPrefix(c.URL, "http:") && (!strings.Contains(err.Error(), "over https") || len(s.Asked()) != 0) {
				t.Errorf("%v", err)
			}
		})
	}

	t.Run("to be led to another host", func(t *testing.T) {
		s := targettest.NewService(t)
		p := s.Open(t)
		other := targettest.NewService(t)
		s.Fail(99, func(*http.Request) bool { return true }, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL+r.URL.Path, http.StatusTemporaryRedirect)
		})
		if targettest.Tries(t.Context(), p, "a", []byte("x")) == nil {
			t.Error("it is put")
		}
		if _, err := targettest.Read(context.Background(), p, "a"); err == nil {
			t.Error("it is read")
		}
		if l := other.Asked(); len(l) != 0 {
			t.Errorf("%q", l)
		}
	})
}
