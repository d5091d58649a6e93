package updater

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

// Source is where bundles lie: a directory, or below an address of the web.
type Source struct {
	Place    string // absolute path, or https://…
	Platform string
	Client   *http.Client // for an address
}

// Name is the bundle's there.
func (s Source) Name() string { return "sigill-" + s.Platform + ".update" }

// Open opens the bundle; whoever reads only its head closes it then, and no more is fetched.
func (s Source) Open(ctx context.Context) (io.ReadCloser, error) {
	if !strings.HasPrefix(s.Place, "https://") {
		return os.Open(filepath.Join(s.Place, s.Name()))
	}
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(s.Place, "/")+"/"+s.Name(), nil)
	if err != nil {
		return nil, err
	}
	r, err := s.Client.Do(q)
	if err != nil {
		return nil, err
	}
	if r.StatusCode != http.StatusOK {
		r.Body.Close()
		return nil, fmt.Errorf("%s answers %s", q.URL, r.Status)
	}
	return r.Body, nil
}

// Check reads only the head at the source, and says who has signed what. The error tells why
// it may not be taken here; the bundle is there nonetheless if its signatures hold.
func (s Source) Check(ctx context.Context, keys Keys, h Here) (*Bundle, error) {
	r, err := s.Open(ctx)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	b, err := Open(r, keys)
	if err != nil {
		return nil, err
	}
	return b, b.Manifest.judge(b.By, h)
}
