package intake

import (
	"strings"
	"unicode/utf8"

	"github.com/cention-sany/utf7"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// rare reads a character set that browsers do not know: UTF-7, those that IANA lists, such
// as cp850 of old machines, and misspelt names of others.
func rare(b []byte, label string, f *faults) string {
	f.add(FaultCharset)
	e := rarely(label)
	if e == nil {
		return plain(b, "", f)
	}
	out, err := e.NewDecoder().Bytes(b)
	if err != nil || !utf8.Valid(out) {
		return plain(b, "", f)
	}
	return string(out)
}

// rarely returns the encoding that somebody means with a label; nil: nobody knows.
func rarely(label string) encoding.Encoding {
	if len(label) > 60 {
		return nil
	}
	switch label {
	case "utf-7", "utf7", "unicode-1-1-utf-7":
		return utf7.UTF7
	case "hz-gb-2312":
		return simplifiedchinese.HZGB2312 // browsers refuse it for what pages could do by it
	}
	if e := lookup(misspelt(label)); e != nil {
		return e
	}
	// It knows more names than encodings: of those that it has none for it gives nil.
	e, _ := ianaindex.IANA.Encoding(strings.Replace(label, "cp-", "cp", 1))
	return e
}

// misspelt is how a browser would call what some programs call otherwise.
func misspelt(label string) string {
	switch label {
	case "iso646-us", "iso: western", "we8iso8859p1":
		return "windows-1252"
	case "utf8mb4":
		return "utf-8"
	case "cp932":
		return "shift_jis"
	case "cp936":
		return "gbk"
	case "136": // numbers of Windows' fonts
		return "big5"
	case "238":
		return "windows-1250"
	}
	label = strings.ReplaceAll(label, "_", "-")
	if n, ok := strings.CutPrefix(strings.TrimPrefix(label, "iso"), "8859-"); ok {
		return "iso-8859-" + n
	}
	return label
}
