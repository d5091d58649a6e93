package target

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"iter"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"sigill/appliance/config"
)

// S3Config says which bucket of which service is a target.
type S3Config struct {
	URL    string // https:// and a host, with a port if it is another than 443
	Region string // the service's word for where the bucket is; "" asks the service
	Bucket string
	Prefix string // before all names, without a "/" at its end; may be ""
	// PathStyle puts the bucket into the path and not into the host's name, as many services
	// in one's own house want it.
	PathStyle bool
	KeyID     string
	Secret    config.Secret
	Roots     *x509.CertPool // nil: the system's
	// Stall is how long one answer, or the next bytes of one, may take; 0: StallFor.
	Stall time.Duration
	// PartBytes is how much of an object is kept in memory; a larger one is sent in parts of
	// so many bytes. 0: PartBytes. A service takes no fewer than 5 MiB.
	PartBytes int
	// Tries is how often a request is made that a passing fault of the service has ended; 0: 6.
	Tries int
}

// PartBytes is how much of an object is in memory while it is sent. A service takes 10,000
// parts, so an object may have 156 GiB.
const PartBytes = 16 << 20

// maxParts is how many parts a service takes.
const maxParts = 10_000

// S3 is a target in a bucket.
type S3 struct {
	c    S3Config
	wire *http.Transport
	core *minio.Core
}

// OpenS3 returns the target in a bucket, which must be there. The error is ErrKept if the
// bucket keeps old versions.
func OpenS3(ctx context.Context, c S3Config) (*S3, error) {
	u, err := url.Parse(c.URL)
	if err != nil || u.Host == "" || u.Path != "" && u.Path != "/" || u.User != nil || u.RawQuery != "" {
		return nil, fmt.Errorf("the S3 service %q is no address like https://s3.example", c.URL)
	}
	if u.Scheme != "https" {
		return nil, errors.New("the S3 service must be asked over https: over http anybody on the way could change what it answers, and some services then store the signed chunks as they came")
	}
	if c.Stall == 0 {
		c.Stall = StallFor
	}
	if c.PartBytes == 0 {
		c.PartBytes = PartBytes
	}
	if c.Tries == 0 {
		c.Tries = 6
	}
	lookup := minio.BucketLookupDNS
	if c.PathStyle {
		lookup = minio.BucketLookupPath
	}
	wire := c.transport()
	core, err := minio.NewCore(u.Host, &minio.Options{
		Creds: credentials.NewStaticV4(c.KeyID, string(c.Secret), ""), Secure: true, Region: c.Region, BucketLookup: lookup,
		Transport: severing{wire}, MaxRetries: c.Tries,
	})
	if err != nil {
		return nil, fmt.Errorf("S3 service: %w", err)
	}
	s := &S3{c: c, wire: wire, core: core}
	if err := s.begin(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// transport keeps one connection from minute to minute, if the service lets it.
func (c S3Config) transport() *http.Transport {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: c.Stall}).DialContext,
		TLSClientConfig:       &tls.Config{RootCAs: c.Roots, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:   c.Stall,
		ResponseHeaderTimeout: c.Stall,
		IdleConnTimeout:       5 * time.Minute,
		MaxIdleConnsPerHost:   2,
		DisableCompression:    true,
	}
}

// severing lets nothing read a request's body any more when the request is over. A transport may
// go on for a while after an error (http.RoundTripper), and the client winds the same bytes
// back for its next try.
type severing struct{ wire http.RoundTripper }

func (s severing) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return s.wire.RoundTrip(r)
	}
	body := &severed{ReadCloser: r.Body}
	r = r.Clone(r.Context())
	r.Body, r.GetBody = body, nil
	defer body.sever()
	return s.wire.RoundTrip(r)
}

// severed is a body that can be cut off.
type severed struct {
	io.ReadCloser
	mu  sync.Mutex
	cut bool
}

func (s *severed) Read(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cut {
		return 0, http.ErrBodyReadAfterClose
	}
	return s.ReadCloser.Read(b)
}

func (s *severed) sever() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cut = true
}

// begin looks whether the bucket is one that forgets.
func (s *S3) begin(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.c.Stall)
	defer cancel()
	there, err := s.core.BucketExists(ctx, s.c.Bucket)
	if err != nil {
		return fmt.Errorf("S3 bucket %s: %w", s.c.Bucket, err)
	}
	if !there {
		return fmt.Errorf("the S3 service has no bucket %s: make it first, without versioning and without object lock", s.c.Bucket)
	}
	// Whose key may not ask this learns it from the answer to the first Put.
	if v, err := s.core.GetBucketVersioning(ctx, s.c.Bucket); err == nil && v.Enabled() {
		return ErrKept
	}
	return nil
}

// Sweep takes away parts of objects that were sent before a time and never put together. No
// listing of objects shows them, and they are kept, and paid for, for ever.
func (s *S3) Sweep(ctx context.Context, before time.Time) error {
	for u := range s.core.ListIncompleteUploads(ctx, s.c.Bucket, s.key(""), true) {
		if absent(u.Err) {
			return nil // some say so where there are none
		}
		if u.Err != nil {
			return fmt.Errorf("list half uploads: %w", u.Err)
		}
		if !u.Initiated.Before(before) {
			continue
		}
		if err := s.core.AbortMultipartUpload(ctx, s.c.Bucket, u.Key, u.UploadID); err != nil && !absent(err) {
			return fmt.Errorf("end a half upload: %w", err)
		}
	}
	return nil
}

// key is an object's name in the bucket.
func (s *S3) key(name string) string {
	if s.c.Prefix == "" {
		return name
	}
	return s.c.Prefix + "/" + name
}

// absent reports whether a service has said that there is no such thing.
func absent(err error) bool {
	switch minio.ToErrorResponse(err).Code {
	case minio.NoSuchKey, minio.NoSuchUpload:
		return true
	}
	return false
}

// Get opens an object.
func (s *S3) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	if err := named(name); err != nil {
		return nil, err
	}
	r := &resumed{ctx: ctx, name: name, stall: s.c.Stall}
	etag := ""
	r.open = func(ctx context.Context, from int64) (io.ReadCloser, func(), error) {
		var o minio.GetObjectOptions
		if from > 0 {
			if err := errors.Join(o.SetRange(from, 0), o.SetMatchETag(etag)); err != nil {
				return nil, nil, err
			}
		}
		ctx, abort := context.WithCancel(ctx)
		body, info, head, err := s.core.GetObject(ctx, s.c.Bucket, s.key(name), o)
		if err != nil {
			abort()
			return nil, nil, err
		}
		if from == 0 {
			r.size, etag = info.Size, info.ETag
		} else if !strings.HasPrefix(head.Get("Content-Range"), fmt.Sprintf("bytes %d-", from)) {
			abort()
			return nil, nil, errors.Join(errors.New("the service does not send it from there on"), body.Close())
		}
		return &hanging{body, abort}, abort, nil
	}
	var err error
	r.r, r.abort, err = r.open(ctx, 0)
	if absent(err) {
		return nil, fmt.Errorf("%s: %w", name, ErrAbsent)
	}
	if err != nil {
		return nil, fmt.Errorf("get %s: %w", name, err)
	}
	return r, nil
}

// hanging is an answer that is not waited for when it is closed.
type hanging struct {
	io.ReadCloser
	abort func()
}

func (h *hanging) Close() error {
	h.abort()
	return h.ReadCloser.Close()
}

// List returns the objects. It asks once for each thousand.
func (s *S3) List(ctx context.Context, prefix string) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		for o := range s.core.ListObjectsIter(ctx, s.c.Bucket, minio.ListObjectsOptions{Prefix: s.key(prefix), Recursive: true}) {
			if o.Err != nil {
				yield(Object{}, fmt.Errorf("list backups: %w", o.Err))
				return
			}
			name := strings.TrimPrefix(o.Key, s.key(""))
			if named(name) != nil {
				continue // a folder that somebody's browser has made
			}
			if !yield(Object{Name: name, Size: o.Size, At: o.LastModified}, nil) {
				return
			}
		}
		if err := ctx.Err(); err != nil {
			yield(Object{}, err)
		}
	}
}

// Remove takes an object away. Nothing can be overwritten where it stands in a bucket: what
// is removed is gone, since buckets that keep versions are refused.
func (s *S3) Remove(ctx context.Context, name string, _ bool) error {
	if err := named(name); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.c.Stall)
	defer cancel()
	if err := s.core.RemoveObject(ctx, s.c.Bucket, s.key(name), minio.RemoveObjectOptions{}); err != nil && !absent(err) {
		return fmt.Errorf("remove %s: %w", name, err)
	}
	return nil
}

// Versions counts what the bucket keeps under a name: 1 is the object itself.
func (s *S3) Versions(ctx context.Context, name string) (n int, err error) {
	for o := range s.core.ListObjectsIter(ctx, s.c.Bucket, minio.ListObjectsOptions{Prefix: s.key(name), Recursive: true, WithVersions: true}) {
		if o.Err != nil {
			return n, fmt.Errorf("list versions: %w", o.Err)
		}
		if o.Key == s.key(name) {
			n++
		}
	}
	return n, nil
}

// Close gives the connections back.
func (s *S3) Close() error {
	s.wire.CloseIdleConnections()
	return nil
}
