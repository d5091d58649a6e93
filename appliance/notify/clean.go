package notify

import (
	"strings"
	"unicode"
)

// maxValue is the longest value that is shown, in characters. Names that are
// longer are made to break a page, not to be read.
const maxValue = 200

// clean makes a value of others fit to stand in a sentence: one line, no control
// characters, and nothing that turns the direction of writing, by which a name
// could make an address read as another.
func clean(s string) string { return cleanTo(s, maxValue) }

func cleanTo(s string, most int) string {
	var b strings.Builder
	n, blank := 0, false
	for _, r := range strings.ToValidUTF8(s, "\uFFFD") {
		switch {
		case unicode.IsSpace(r), unicode.IsControl(r):
			blank = b.Len() > 0
			continue
		case unicode.Is(unicode.Cf, r), unicode.Is(unicode.Zl, r), unicode.Is(unicode.Zp, r), unicode.Is(unicode.Co, r):
			continue
		}
		if n == most {
			b.WriteString("…")
			break
		}
		if blank {
			b.WriteByte(' ')
			blank = false
		}
		b.WriteRune(r)
		n++
	}
	return b.String()
}
