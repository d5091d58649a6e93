package target_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"sigill/backup/target"
	"sigill/backup/target/targettest"
)

// service is an S3 service in memory, under TLS, that fails where a test wants it.
type service struct {
	*httptest.Server
	memory *s3mem.Backend
	tries  int // of those who open it

	mu    sync.Mutex
	fails func(w http.ResponseWriter, r *http.Request) bool // true: it has answered
	asked []string                                          // method, path and query
	large int64                                             // the longest body that came
}

const bucket = "sigill-backup"

// partBytes is the least that a service takes.
const partBytes = 5 << 20

func newService(t testing.TB) *service {
	t.Helper()
	s := &service{memory: s3mem.New(), tries: 1}
	if err := s.memory.CreateBucket(bucket); err != nil {
		t.Fatal(err)
	}
	faked := gofakes3.New(s.memory, gofakes3.WithLogger(gofakes3.DiscardLog())).Server()
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked = append(s.asked, r.Method+" "+r.URL.RequestURI())
		s.large = max(s.large, r.ContentLength)
		fails := s.fails
		s.mu.Unlock()
		if fails == nil || !fails(w, r) {
			faked.ServeHTTP(w, r)
		}
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func (s *service) config() target.S3Config {
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	return target.S3Config{
		URL: s.URL, Region: "us-east-1", Bucket: bucket, Prefix: "house", PathStyle: true, KeyID: "AKIDEXAMPLE", Secret: "not a secret", Roots: roots,
		PartBytes: partBytes, Tries: s.tries, Stall: 5 * time.Second,
	}
}

func (s *service) open(t testing.TB) *target.S3 {
	t.Helper()
	p, err := target.OpenS3(t.Context(), s.config())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

// failing lets the next so many requests that are meant fail.
func (s *service) failing(times int, meant func(*http.Request) bool, how func(http.ResponseWriter, *http.Request)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fails = func(w http.ResponseWriter, r *http.Request) bool {
		s.mu.Lock()
		mine := times > 0 && meant(r)
		if mine {
			times--
		}
		s.mu.Unlock()
		if mine {
			how(w, r)
		}
		return mine
	}
}

// since returns what was asked since it was called last.
func (s *service) since() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.asked
	s.asked = nil
	return l
}

func put(r *http.Request) bool { return r.Method == http.MethodPut }
func get(r *http.Request) bool { return r.Method == http.MethodGet && r.URL.RawQuery == "" }

func busy(w http.ResponseWriter, _ *http.Request) {
	w.WriteHeader(http.StatusServiceUnavailable)
	io.WriteString(w, `<Error><Code>SlowDown</Code><Message>later</Message></Error>`)
}

// cut reads half of what comes and hangs up.
func cut(_ http.ResponseWriter, r *http.Request) {
	io.CopyN(io.Discard, r.Body, r.ContentLength/2)
	panic(http.ErrAbortHandler)
}

func TestS3(t *testing.T) {
	targettest.Suite(t, func(t testing.TB) target.Place { return newService(t).open(t) }, partBytes-1, partBytes, partBytes+1, 2*partBytes+3)

	t.Run("nothing stands outside its prefix, and nothing outside is seen or touched", func(t *testing.T) {
		s := newService(t)
		p := s.open(t)
		c := s.config()
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
		s := newService(t)
		p := s.open(t)
		s.since()
		content := targettest.Bytes(7, 3*partBytes+100)
		targettest.Put(t, p, "pack/large", content)
		if s.large > partBytes {
			t.Errorf("a request of %d bytes", s.large)
		}
		if l := s.since(); len(l) != 6 { // begin, four parts, end
			t.Errorf("%q", l)
		}
		targettest.Has(t, p, "pack/large", content)
	})

	t.Run("a small object is one request, and one connection is kept", func(t *testing.T) {
		s := newService(t)
		lines := map[string]bool{}
		p := s.open(t)
		s.failing(99, func(r *http.Request) bool {
			lines[r.RemoteAddr] = true
			return false
		}, busy)
		s.since()
		for range 5 {
			targettest.Put(t, p, "slots/1", []byte("a minute's"))
		}
		if l := s.since(); len(l) != 5 || len(lines) != 1 {
			t.Errorf("%q over %d connections", l, len(lines))
		}
	})
}

func TestS3Faults(t *testing.T) {
	old, fresh := []byte("old"), targettest.Bytes(1, 2*partBytes+10)

	t.Run("a passing fault is none", func(t *testing.T) {
		s := newService(t)
		s.tries = 3
		p := s.open(t)
		for _, how := range []func(http.ResponseWriter, *http.Request){busy, cut} {
			s.failing(1, put, how)
			targettest.Put(t, p, "a", []byte("new"))
			targettest.Has(t, p, "a", []byte("new"))
			s.failing(1, get, how)
			targettest.Has(t, p, "a", []byte("new"))
			s.failing(1, func(r *http.Request) bool { return r.URL.Query().Get("partNumber") == "2" }, how)
			targettest.Put(t, p, "a", fresh)
			targettest.Has(t, p, "a", fresh)
		}
	})

	t.Run("one that lasts is told, and the old object stays", func(t *testing.T) {
		s := newService(t)
		p := s.open(t)
		targettest.Put(t, p, "a", old)
		for name, meant := range map[string]func(*http.Request) bool{
			"each":         put,
			"second part":  func(r *http.Request) bool { return r.URL.Query().Get("partNumber") == "2" },
			"first answer": func(r *http.Request) bool { return r.Method == http.MethodPost && r.URL.Query().Has("uploads") },
			"last answer":  func(r *http.Request) bool { return r.Method == http.MethodPost && r.URL.Query().Has("uploadId") },
		} {
			for _, how := range []func(http.ResponseWriter, *http.Request){busy, cut} {
				s.failing(99, meant, how)
				if targettest.Tries(t.Context(), p, "a", fresh) == nil {
					t.Errorf("%s: no word of it", name)
				}
				s.failing(0, put, busy)
				targettest.Has(t, p, "a", old)
				if got := s.uploads(t); got != 0 {
					t.Errorf("%s: %d uploads are left half done", name, got)
				}
			}
		}
	})

	t.Run("a download that is cut goes on where it was, and never with another object", func(t *testing.T) {
		s := newService(t)
		p := s.open(t)
		targettest.Put(t, p, "a", fresh)
		halves := func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "10485770")
			w.Header().Set("ETag", `"`+etagOf(t, s)+`"`)
			w.Header().Set("Last-Modified", "Mon, 01 Mar 2027 12:00:00 GMT")
			w.Write(fresh[:4_000_000])
			panic(http.ErrAbortHandler)
		}
		s.failing(1, get, halves)
		s.since()
		targettest.Has(t, p, "a", fresh)
		if l := s.since(); len(l) != 2 {
			t.Errorf("%q", l)
		}
		s.failing(1, get, func(w http.ResponseWriter, r *http.Request) {
			targettest.Put(t, s.open(t), "a", old) // meanwhile
			halves(w, r)
		})
		if b, err := targettest.Read(t.Context(), p, "a"); err == nil {
			t.Errorf("%d bytes of two objects", len(b))
		}
	})

	t.Run("a service that says nothing is not waited for", func(t *testing.T) {
		s := newService(t)
		c := s.config()
		c.Stall = 100 * time.Millisecond
		p, err := target.OpenS3(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		targettest.Put(t, p, "a", old)
		silent := make(chan struct{})
		s.failing(99, func(*http.Request) bool { return true }, func(w http.ResponseWriter, r *http.Request) {
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
		s := newService(t)
		p := s.open(t)
		crash := errors.New("crash")
		s.failing(99, func(r *http.Request) bool { return r.Method == http.MethodDelete }, busy)
		if err := p.Put(t.Context(), "a", func(w io.Writer) error {
			w.Write(fresh)
			return crash
		}); !errors.Is(err, crash) {
			t.Fatal(err)
		}
		if s.uploads(t) != 1 {
			t.Fatal("the control: nothing is left")
		}
		s.failing(0, put, busy)
		if err := p.Sweep(t.Context(), time.Now().Add(-time.Hour)); err != nil || s.uploads(t) != 1 {
			t.Errorf("%d are left of one that is young: %v", s.uploads(t), err)
		}
		if err := p.Sweep(t.Context(), time.Now().Add(time.Hour)); err != nil || s.uploads(t) != 0 {
			t.Errorf("%d are left: %v", s.uploads(t), err)
		}
	})
}

// etagOf asks the service what it calls "a".
func etagOf(t *testing.T, s *service) string {
	t.Helper()
	o, err := s.memory.HeadObject(bucket, "house/a")
	if err != nil {
		t.Error(err)
		return ""
	}
	return strings.Trim(string(gofakes3.FormatETag(o.Hash)), `"`)
}

// uploads counts those that were begun and neither ended nor given up.
func (s *service) uploads(t *testing.T) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/"+bucket+"?uploads", nil)
	if err != nil {
		t.Fatal(err)
	}
	a, err := s.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	if err != nil || a.StatusCode != http.StatusOK {
		t.Fatalf("%d, %v: %s", a.StatusCode, err, b)
	}
	return bytes.Count(b, []byte("<UploadId>"))
}

func TestS3Refuses(t *testing.T) {
	t.Run("a bucket that keeps old versions, from the first day or from now on", func(t *testing.T) {
		s := newService(t)
		p := s.open(t)
		targettest.Put(t, p, "slots/1", []byte("before"))
		if err := s.memory.SetVersioningConfiguration(bucket, gofakes3.VersioningConfiguration{Status: gofakes3.VersioningEnabled}); err != nil {
			t.Fatal(err)
		}
		if err := targettest.Tries(t.Context(), p, "slots/2", []byte("now")); !errors.Is(err, target.ErrKept) {
			t.Errorf("%v", err)
		}
		if n, err := p.Versions(t.Context(), "slots/2"); err != nil || n != 0 {
			t.Errorf("%d versions are left of what was refused: %v", n, err)
		}
		if err := targettest.Tries(t.Context(), p, "slots/2", targettest.Bytes(1, partBytes+1)); !errors.Is(err, target.ErrKept) {
			t.Errorf("in parts: %v", err)
		}
		if err := target.Try(t.Context(), p); !errors.Is(err, target.ErrKept) {
			t.Errorf("a trial: %v", err)
		}
		if _, err := target.OpenS3(t.Context(), s.config()); !errors.Is(err, target.ErrKept) {
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
			s := newService(t)
			c := s.config()
			bad(&c)
			s.since()
			_, err := target.OpenS3(t.Context(), c)
			if err == nil {
				t.Fatal("it is opened")
			}
			if strings.HasPrefix(c.URL, "http:") && (!strings.Contains(err.Error(), "over https") || len(s.since()) != 0) {
				t.Errorf("%v", err)
			}
		})
	}

	t.Run("to be led to another host", func(t *testing.T) {
		s := newService(t)
		p := s.open(t)
		other := newService(t)
		s.failing(99, func(*http.Request) bool { return true }, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL+r.URL.Path, http.StatusTemporaryRedirect)
		})
		if targettest.Tries(t.Context(), p, "a", []byte("x")) == nil {
			t.Error("it is put")
		}
		if _, err := targettest.Read(context.Background(), p, "a"); err == nil {
			t.Error("it is read")
		}
		if l := other.since(); len(l) != 0 {
			t.Errorf("%q", l)
		}
	})
}
