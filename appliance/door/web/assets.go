package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"sigill/appliance/mail"
)

// bundleFile names, one a line, the files of its folder that are served as one
// style sheet named after the folder, and the cascade layer of each: so a
// vendored package stands beside its licence as it came, and only what is used
// goes over the wire.
const bundleFile = "bundle.txt"

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

// LoadAssets reads every file of a known type in fsys. The paths carry one hash
// of all of them, so a browser keeps them for ever and never mixes two releases.
func LoadAssets(fsys fs.FS) (*Assets, error) {
	a := &Assets{files: map[string]asset{}}
	var bundled []string
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		dir := path.Dir(name)
		if path.Base(name) == bundleFile {
			bundled = append(bundled, dir)
			return a.bundle(fsys, dir)
		}
		if kind := assetTypes[path.Ext(name)]; kind != "" && !slices.Contains(bundled, dir) {
			data, err := fs.ReadFile(fsys, name)
			if err != nil {
				return err
			}
			if path.Ext(name) == ".css" {
				data = withoutComments(data)
			}
			a.files[name] = asset{mediaType: kind, plain: data}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("load assets: %w", err)
	}
	for name := range a.files { // "bundle.txt" sorts behind some of what it bundles
		if slices.Contains(bundled, path.Dir(name)) {
			delete(a.files, name)
		}
	}
	a.hash = a.sum()
	return a, a.squeeze()
}

// cssAside finds the strings and the comments of a style sheet: where one begins, no other does.
var cssAside = regexp.MustCompile(`(?s)"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|/\*.*?\*/`)

// withoutComments returns a style sheet of ours as it goes over the wire. Its comments are for
// who reads it here; a first page that may weigh 40 kB would carry a kilobyte of them.
func withoutComments(css []byte) []byte {
	return cssAside.ReplaceAllFunc(css, func(b []byte) []byte {
		if b[0] == '/' {
			return nil
		}
		return b
	})
}

func (a *Assets) bundle(fsys fs.FS, dir string) error {
	list, err := fs.ReadFile(fsys, path.Join(dir, bundleFile))
	if err != nil {
		return err
	}
	var out bytes.Buffer
	for line := range strings.Lines(string(list)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if strings.HasPrefix(line, "@") {
			out.WriteString(line + "\n")
			continue
		}
		layer, name, _ := strings.Cut(line, " ")
		data, err := fs.ReadFile(fsys, path.Join(dir, strings.TrimSpace(name)))
		if err != nil {
			return err
		}
		if layer == "-" {
			out.Write(data)
			out.WriteByte('\n')
			continue
		}
		fmt.Fprintf(&out, "@layer %s{%s}\n", layer, data)
	}
	a.files[dir+".css"] = asset{mediaType: assetTypes[".css"], plain: bytes.Clone(out.Bytes())}
	return nil
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
	return "/static/" + a.hash + "/" + name, nil
}

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
