package web

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"strings"
	"unicode"
	"unicode/utf8"

	"sigill/appliance/mail"
)

const (
	maxParts    = 200
	maxPartHead = 16 << 10 // bytes of one part's header; the library would take 10 MB
	readAhead   = 4096 + 512
)

// Parts walks through an upload as it comes, one part after the other. Nothing of
// it is kept, in memory or on disk.
type Parts struct {
	body   *body
	m      *multipart.Reader
	now    *Part
	ready  *Part // was read to find the token, and is not it
	n      int
	failed error
}

// Part is one field or file of an upload. Read returns its bytes; Name, File and
// Type are the client's words.
type Part struct {
	Name string // of the field
	File string // cleaned: no path, no control character, at most 200 bytes; "" if it is no file
	Type string // as claimed; "" if nothing is
	r    io.Reader
}

// Read reads of the part. Errors are mail.Errors, io.EOF excepted.
func (p *Part) Read(b []byte) (int, error) {
	n, err := p.r.Read(b)
	if err != nil && err != io.EOF {
		err = uploadError(err)
	}
	return n, err
}

// Text reads the whole part as a field of at most limit bytes.
func (p *Part) Text(limit int64) (string, error) {
	b, err := io.ReadAll(io.LimitReader(p, limit+1))
	if err != nil {
		return "", err
	}
	if int64(len(b)) > limit {
		return "", tooLarge()
	}
	return strings.ToValidUTF8(string(b), "\uFFFD"), nil
}

// Upload returns the parts of an Upload route; the token's part is not among
// them.
func (r *Request) Upload() *Parts { return r.parts }

// openUpload makes the parts and reads the token: from the header, or from the
// first part, so that it is known before the first file.
func (r *Request) openUpload(token string) (string, error) {
	kind, params, err := mime.ParseMediaType(r.Header("Content-Type"))
	if err != nil || kind != "multipart/form-data" || params["boundary"] == "" {
		return "", mediaError(err)
	}
	r.parts = &Parts{body: r.body, m: multipart.NewReader(r.body, params["boundary"])}
	if token != "" {
		return token, nil
	}
	first, err := r.parts.Next()
	if err == io.EOF {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	if first.Name != formField {
		r.parts.ready = first
		return "", nil
	}
	return first.Text(100)
}

// Next returns the next part, or io.EOF after the last. What was not read of the
// one before is passed over.
func (u *Parts) Next() (*Part, error) {
	if u.ready != nil {
		p := u.ready
		u.ready = nil
		return p, nil
	}
	if u.failed == nil {
		u.now, u.failed = u.next()
	}
	if u.failed != nil {
		return nil, u.failed
	}
	return u.now, nil
}

func (u *Parts) next() (*Part, error) {
	if u.now != nil {
		if _, err := io.Copy(io.Discard, u.now); err != nil {
			return nil, err
		}
	}
	if u.n++; u.n > maxParts {
		return nil, mail.E(mail.Invalid, "error.form", errors.New("too many parts"))
	}
	u.body.spare = maxPartHead + readAhead // a header is bounded before it is read
	p, err := u.m.NextRawPart()
	u.body.spare = -1
	if err == io.EOF {
		return nil, io.EOF
	}
	if err != nil {
		return nil, uploadError(err)
	}
	part := &Part{Name: strings.ToValidUTF8(p.FormName(), ""), Type: p.Header.Get("Content-Type"), r: p}
	if part.Name == "" || len(part.Name) > 100 {
		return nil, mail.E(mail.Invalid, "error.form", errors.New("part without a name"))
	}
	if _, params, err := mime.ParseMediaType(p.Header.Get("Content-Disposition")); err == nil {
		// A browser sends an empty name for a field in which nothing was picked.
		if name := params["filename"]; name != "" {
			part.File = cleanName(name)
		}
	}
	return part, nil
}

// uploadError keeps a mail.Error that the body made and turns the library's own
// into one.
func uploadError(err error) error {
	var e *mail.Error
	if errors.As(err, &e) {
		return e
	}
	return broken(err)
}

// FileName is a file's name, which a client has said in another way than with its bytes, as
// Part.File has it.
func FileName(s string) string { return cleanName(s) }

// cleanName returns the last element of a path in any system's writing, without
// controls and without marks that turn the direction of writing ("gpj.exe"), cut
// to 200 bytes; "file" if nothing is left.
func cleanName(s string) string {
	s = strings.ToValidUTF8(s, "")
	if i := strings.LastIndexAny(s, `/\`); i >= 0 {
		s = s[i+1:]
	}
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029' {
			return -1
		}
		return r
	}, s)
	s = strings.TrimSpace(s)
	for len(s) > 200 {
		_, n := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-n]
	}
	if strings.Trim(s, ".") == "" {
		return "file"
	}
	return s
}
