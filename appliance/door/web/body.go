package web

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/url"
	"strings"

	"sigill/appliance/mail"
)

// maxFields is how many fields a form may have.
const maxFields = 100

// body counts what is read of a request's body. Fiber's own limit does not count
// when bodies are streamed.
type body struct {
	r     io.Reader
	limit int64
	want  int64 // as declared; -1 if chunked
	got   int64
	// spare, if not negative, is how much more may be read for now.
	spare int64
}

var errTooMuch = errors.New("more than the route takes")

func (b *body) Read(p []byte) (int, error) {
	if b.spare >= 0 {
		if p = p[:min(int64(len(p)), b.spare)]; len(p) == 0 {
			return 0, tooLarge()
		}
	}
	p = p[:min(int64(len(p)), b.limit+1-b.got)] // one more than allowed, so that too much is seen
	if len(p) == 0 {
		return 0, tooLarge()
	}
	n, err := b.r.Read(p)
	b.got += int64(n)
	if b.spare >= 0 {
		b.spare -= int64(n)
	}
	switch {
	case b.got > b.limit:
		return 0, tooLarge()
	case err == io.EOF && b.want >= 0 && b.got < b.want:
		return n, broken(io.ErrUnexpectedEOF)
	case err != nil && err != io.EOF:
		return n, broken(err)
	}
	return n, err
}

func tooLarge() error { return mail.E(mail.TooLarge, "error.toolarge", errTooMuch) }

// broken is the client's connection or framing, never our fault.
func broken(err error) error {
	return mail.E(mail.Invalid, "error.upload", fmt.Errorf("read body: %w", err))
}

// openBody holds the body against the route and returns the form's token. After
// it a form is read whole; a stream has given no more than its token.
func (r *Request) openBody() (token string, err error) {
	stream := r.ctx.Context().RequestBodyStream()
	want := int64(r.ctx.Request().Header.ContentLength())
	limit := r.route.Limit
	if r.route.Body == Form && limit <= 0 {
		limit = maxForm
	}
	if want > limit && r.route.Body != None {
		return "", tooLarge()
	}
	r.body = &body{r: stream, limit: limit, want: max(want, -1), spare: -1}
	if stream == nil {
		r.body.r, r.body.want = strings.NewReader(""), 0
	}
	token = r.Header(formHeader)
	switch r.route.Body {
	case Form:
		if err := r.readForm(); err != nil {
			return "", err
		}
		if token == "" {
			token = r.form.Get(formField)
		}
	case Upload:
		return r.openUpload(token)
	case None:
		if want > 0 || want == -1 && stream != nil {
			return "", mediaError(nil)
		}
	}
	return token, nil
}

func (r *Request) readForm() error {
	kind, _, err := mime.ParseMediaType(r.Header("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" {
		return mediaError(err)
	}
	raw, err := io.ReadAll(r.body)
	if err != nil {
		return err
	}
	text := string(raw)
	if strings.Count(text, "&") >= maxFields {
		return mail.E(mail.Invalid, "error.form", errors.New("too many fields"))
	}
	if r.form, err = url.ParseQuery(text); err != nil {
		return mail.E(mail.Invalid, "error.form", err)
	}
	for _, values := range r.form {
		for i := range values {
			values[i] = strings.ToValidUTF8(values[i], "\uFFFD")
		}
	}
	return nil
}

// RawBody returns the body of a Raw route, limited as the route says. Its errors
// are mail.Errors; a body that ends early is one, never a short success.
func (r *Request) RawBody() io.Reader { return r.body }

// BodySize returns the length that the client declared; -1 if it did not.
func (r *Request) BodySize() int64 { return r.body.want }
