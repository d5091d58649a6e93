package sanitize

import (
	"errors"
	"strings"
)

// MaxBytes is the longest HTML that is cleaned, 2 MiB. A longer one is a case for
// the text view and for the saved file.
const MaxBytes = 2 << 20

// ErrTooLong says that the HTML is longer than MaxBytes.
var ErrTooLong = errors.New("sanitize: HTML longer than 2 MiB")

// Pictures returns the URL under which the mail's own picture with this Content-ID
// (RFC 2392, without brackets) can be shown: a data: URL of a PNG, JPEG, GIF or WebP, or a
// path of our own origin that begins with a single slash. Anything else is not
// taken. ok is false if the mail has no such picture.
type Pictures func(contentID string) (url string, ok bool)

// Blocked counts what was left out, so that the page can say so.
type Blocked struct {
	Pictures int // different addresses of other hosts that would have been fetched
	Missing  int // pictures of the mail itself that are not there
	Active   int // scripts, frames, forms, fields and other active elements
}

// HTML returns src as a fragment that is safe to show in a frame made by Document.
// pictures may be nil; then no inline picture is shown. The only error is ErrTooLong.
func HTML(src string, pictures Pictures) (safe string, blocked Blocked, err error) {
	if len(src) > MaxBytes {
		return "", Blocked{}, ErrTooLong
	}
	c := newCleaner(src, pictures)
	c.run()
	// The second wall is last: nothing edits the HTML after it.
	return policy().Sanitize(c.out.String()), c.blocked, nil
}

// clean drops the control characters that HTML does not allow, among them NUL,
// which readers treat in as many ways as there are readers.
func clean(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if strings.IndexFunc(s, isControl) < 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		if isControl(r) {
			return -1
		}
		return r
	}, s)
}

func isControl(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' || 0x7f <= r && r < 0xa0 || r == 0xfffe || r == 0xffff
}
