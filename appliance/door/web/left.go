package web

import (
	"net/http"
	"strings"
)

// leftFields are those in which people write at length. No other is told: a password is typed
// into a form as well.
var leftFields = []string{"subject", "text", "signature", "letterhead", "footer"}

// maxLeft bounds what is read of each, in bytes.
const maxLeft = 256 << 10

// Left returns what somebody had written into a form that came after their session's end, so that
// it can be shown to them once more; "" for nothing. It reads no file, and nothing of who never
// had a session, or only begins one: just a form of our own pages gets here, see guardOrigin.
func (r *Request) Left() string {
	if r.method != http.MethodPost || r.Token().IsZero() || r.viewer.Kind != Stranger || r.viewer.Value != nil {
		return ""
	}
	if _, err := r.openBody(); err != nil {
		return ""
	}
	found := map[string]string{}
	switch r.route.Body {
	case Form:
		for _, name := range leftFields {
			found[name] = r.Form(name)
		}
	case Upload:
		r.leftParts(found)
	}
	var list []string
	for _, name := range leftFields {
		if text := strings.TrimSpace(found[name]); text != "" && len(text) <= maxLeft {
			list = append(list, text)
		}
	}
	return strings.Join(list, "\n\n")
}

// leftParts reads fields up to the first file.
func (r *Request) leftParts(found map[string]string) {
	for {
		part, err := r.parts.Next()
		if err != nil || part.File != "" {
			return
		}
		text, err := part.Text(maxLeft)
		if err != nil {
			return
		}
		found[part.Name] = text
	}
}
