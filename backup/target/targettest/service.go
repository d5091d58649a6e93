package targettest

import (
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"sigill/backup/target"
)

// Service is an S3 service in memory, under TLS, that fails where a test wants it.
type Service struct {
	*httptest.Server
	Memory *s3mem.Backend
	Tries  int // of those who open it

	faked http.Handler
	mu    sync.Mutex
	fails func(w http.ResponseWriter, r *http.Request) bool // true: it has answered
	asked []string                                          // method, path and query
	large int64                                             // the longest body that came
}

// Bucket is the one that a Service has.
const Bucket = "sigill-backup"

// PartBytes is the least that a service takes, and what is sent to this one.
const PartBytes = 5 << 20

// NewService starts one. It serves until the test ends.
func NewService(t testing.TB) *Service {
	t.Helper()
	s := &Service{Memory: s3mem.New(), Tries: 1}
	if err := s.Memory.CreateBucket(Bucket); err != nil {
		t.Fatal(err)
	}
	s.faked = gofakes3.New(s.Memory, gofakes3.WithLogger(gofakes3.DiscardLog())).Server()
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked = append(s.asked, r.Method+" "+r.URL.RequestURI())
		s.large = max(s.large, r.ContentLength)
		fails := s.fails
		s.mu.Unlock()
		if fails == nil || !fails(w, r) {
			s.faked.ServeHTTP(w, r)
		}
	}))
	s.Server.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

// Config says how it is reached.
func (s *Service) Config() target.S3Config {
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	return target.S3Config{
		URL: s.URL, Region: "us-east-1", Bucket: Bucket, Prefix: "house", PathStyle: true, KeyID: "AKIDEXAMPLE", Secret: "not a secret", Roots: roots,
		PartBytes: PartBytes, Tries: s.Tries, Stall: 5 * time.Second,
	}
}

// Open opens it as a target.
func (s *Service) Open(t testing.TB) *target.S3 {
	t.Helper()
	p, err := target.OpenS3(t.Context(), s.Config())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

// Fail lets the next so many requests that are meant fail.
func (s *Service) Fail(times int, meant func(*http.Request) bool, how func(http.ResponseWriter, *http.Request)) {
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

// Asked returns what was asked since it was called last.
func (s *Service) Asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.asked
	s.asked = nil
	return l
}

// Longest is the length of the longest request, in bytes.
func (s *Service) Longest() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.large
}

// KeepVersions turns versioning on.
func (s *Service) KeepVersions(t testing.TB) {
	t.Helper()
	if err := s.Memory.SetVersioningConfiguration(Bucket, gofakes3.VersioningConfiguration{Status: gofakes3.VersioningEnabled}); err != nil {
		t.Fatal(err)
	}
}

// LoseAnswer lets what is put below such paths arrive, and its answer not.
func (s *Service) LoseAnswer(lost func(path string) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fails = func(_ http.ResponseWriter, r *http.Request) bool {
		if lost == nil || r.Method != http.MethodPut || !lost(r.URL.Path) {
			return false
		}
		s.faked.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	}
}

// PEM is the service's certificate.
func (s *Service) PEM() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}))
}
