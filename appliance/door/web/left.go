package web

import (
	"net/http"
	"slices"
	"strings"
)

// leftFields are those in which people write at length, and the beginning of such names. No other
// is told: a password is typed into a form as well.
var leftFields = []string{"subject", "text", "signature", "letterhead", "footer", "extra."}

// maxLeft bounds what is read of all of them together, in bytes: whoever has no session may ask
// for this, and nobody could tell an invented token from one that is over.
const maxLeft = 256 << 10

// Left returns what somebody had written into a form that came after their session's end, so that
// it can be shown to them once more; "" for nothing. It is given back to who has sent it and to
// nobody else. No file is read.
func (r *Request) Left() string {
	if r.method != http.MethodPost || r.Token().IsZero() || r.viewer.Kind != Stranger || r.viewer.Value != nil {
		return ""
	}
	if _, err := r.openBody(); err != nil {
		return ""
	}
	var list []string
	switch r.route.Body {
	case Form:
		for name, values := range r.form {
			if isLeft(name) {
				list = append(list, values...)
			}
		}
		slices.Sort(list) // in no order of a map
	case Upload:
		list = r.leftParts()
	}
	return joinLeft(list)
}

func isLeft(name string) bool {
	return slices.ContainsFunc(leftFields, func(f string) bool {
		return name == f || strings.HasSuffix(f, ".") && strings.HasPrefix(name, f)
	})
}

// joinLeft puts texts together, as many as there is room for.
func joinLeft(list []string) string {
	var all strings.Builder
	for _, text := range list {
		if text = strings.TrimSpace(text); text == "" || all.Len()+len("\n\n")+len(text) > maxLeft {
			continue
		}
		if all.Len() > 0 {
			all.WriteString("\n\n")
		}
		all.WriteString(text)
	}
	return all.String()
}

// leftParts reads fields up to the first file. What is none of ours is passed over unread.
func (r *Request) leftParts() (list []string) {
	for room := maxLeft; ; {
		part, err := r.parts.Next()
		if err != nil || part.File != "" {
			return list
		}
		if !isLeft(part.Name) {
			continue
		}
		text, err := part.Text(int64(room))
		if err != nil {
			return list
		}
		room -= len(text)
		list = append(list, text)
	}
}
