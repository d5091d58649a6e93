package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"sigill/appliance/mail"
	"sigill/appliance/sheet"
)

// Assets are the files under /static, read and compressed once.
type Assets struct {
	hash  string
	files map[string]asset
}

type asset struct {
	mediaType string
	plain     []byte
	gzip      []byte // nil if it is not smaller
}

var assetTypes = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
	".png": "image/png", ".woff2": "font/woff2", ".ico": "image/vnd.microsoft.icon",
}

// LoadAssets reads every file of a known type in fsys; of style sheets that a bundle is made
// of, the bundle. The paths carry one hash of all of them, so a browser keeps them for ever and
// never mixes two releases.
func LoadAssets(fsys fs.FS) (*Assets, error) {
	a := &Assets{files: map[string]asset{}}
	var bundled []string
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if list, is := strings.CutSuffix(name, sheet.Type); is {
			css, made, err := sheet.Read(fsys, name)
			if err != nil {
				return err
			}
			bundled = append(bundled, made...)
			a.files[list+".css"] = asset{mediaType: assetTypes[".css"], plain: []byte(css)}
			return nil
		}
		if kind := assetTypes[path.Ext(name)]; kind != "" {
			data, err := fs.ReadFile(fsys, name)
			if err != nil {
				return err
			}
			a.files[name] = asset{mediaType: kind, plain: data}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("load assets: %w", err)
	}
	for _, name := range bundled {
		delete(a.files, name)
	}
	a.hash = a.sum()
	return a, a.squeeze()
}

// squeeze makes the short forms, all by one writer: each has almost a megabyte of its own,
// and the garbage of a dozen would lie between what stays, for as long as the process lives.
func (a *Assets) squeeze() error {
	var z bytes.Buffer
	w, err := gzip.NewWriterLevel(&z, gzip.BestCompression)
	if err != nil {
		return err
	}
	for name, f := range a.files {
		z.Reset()
		w.Reset(&z)
		if _, err := w.Write(f.plain); err != nil {
			return err
		}
		if err := w.Close(); err != nil {
			return err
		}
		if z.Len() < len(f.plain) {
			f.gzip = bytes.Clone(z.Bytes())
			a.files[name] = f
		}
	}
	return nil
}

func (a *Assets) sum() string {
	names := make([]string, 0, len(a.files))
	for n := range a.files {
		names = append(names, n)
	}
	slices.Sort(names)
	h := sha256.New()
	for _, n := range names {
		fmt.Fprintf(h, "%s\x00%d\x00", n, len(a.files[n].plain))
		h.Write(a.files[n].plain)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// Path returns where a file is served. An unknown file is an error, so that a
// template with a slip does not start.
func (a *Assets) Path(name string) (string, error) {
	if _, ok := a.files[name]; !ok {
		return "", fmt.Errorf("no asset %s", name)
	}
	return a.Folder() + "/" + name, nil
}

// Folder is where all of them are served. A page's shape is the name of its style sheet there.
func (a *Assets) Folder() string { return "/static/" + a.hash }

// asset serves one file. An older release's hash gets today's file, which must
// not be kept: a page from before an update still finds its style.
func (s *Server) asset(c *fiber.Ctx) error {
	f, ok := s.c.Views.assets.files[c.Params("+")]
	if !ok {
		r := s.newRequest(c)
		r.speak()
		r.Fail(mail.E(mail.Absent, "error.absent", nil))
		return nil
	}
	h := &c.Response().Header
	h.SetContentType(f.mediaType)
	h.Set("Vary", "Accept-Encoding")
	if c.Params("hash") == s.c.Views.assets.hash {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	data := f.plain
	if f.gzip != nil && takesGzip(c.Get("Accept-Encoding")) {
		h.Set("Content-Encoding", "gzip")
		data = f.gzip
	}
	c.Response().SetBodyRaw(data)
	return nil
}

// takesGzip reads Accept-Encoding (RFC 9110, 12.5.3) as far as it matters here.
func takesGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, weight, _ := strings.Cut(part, ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			return strings.Trim(strings.ReplaceAll(weight, " ", ""), "q=.0") != "" || weight == ""
		}
	}
	return false
}
