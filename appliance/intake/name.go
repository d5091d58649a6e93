package intake

import (
	"fmt"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxFileName is the longest file name in bytes; every file system in use takes it,
// with room for " (199)".
const maxFileName = 200

// cleanName makes a file name that is safe on every system: the last element of
// a path, no control character, no mark that turns the direction of writing, none
// of the characters that Windows forbids, no reserved device name, no leading
// dot. It is "" if nothing remains.
func cleanName(s string) string {
	s = norm.NFC.String(strings.ToValidUTF8(s, "\uFFFD"))
	if i := strings.LastIndexAny(s, `/\`); i >= 0 {
		s = s[i+1:]
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r) || turns(r) || r == '\u2028' || r == '\u2029':
			return -1
		case strings.ContainsRune(`<>:"|?*`, r):
			return '_'
		case unicode.Is(unicode.Zs, r):
			return ' '
		}
		return r
	}, s)
	s = strings.TrimRight(strings.TrimLeft(s, ". "), ". ")
	if reserved(s) {
		s = "_" + s
	}
	return shorten(s, maxFileName)
}

// reserved reports whether Windows takes the name for a device, whatever its extension.
func reserved(s string) bool {
	base, _, _ := strings.Cut(strings.ToUpper(s), ".")
	base = strings.TrimRight(base, " ")
	switch base {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return true
	}
	port, ok := strings.CutPrefix(base, "COM")
	if !ok {
		port, ok = strings.CutPrefix(base, "LPT")
	}
	return ok && utf8.RuneCountInString(port) == 1 && strings.Contains("0123456789¹²³", port)
}

// shorten cuts the middle of a name, so that the extension stays.
func shorten(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	ext := path.Ext(s)
	if len(ext) > 20 {
		ext = ""
	}
	cut := limit - len(ext)
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return strings.TrimRight(s[:cut], ". ") + ext
}

// namer gives each file of a mail a name of its own, also for systems that do
// not tell upper from lower case.
type namer map[string]bool

func (n namer) unique(name string) string {
	try := name
	for i := 2; n[strings.ToLower(try)]; i++ {
		ext := path.Ext(name)
		try = fmt.Sprintf("%s (%d)%s", strings.TrimSuffix(name, ext), i, ext)
	}
	n[strings.ToLower(try)] = true
	return try
}
