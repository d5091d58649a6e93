package sanitize

import (
	"html"
	"regexp"
	"strings"
)

// SandboxAttribute is what the frame's sandbox attribute says. Scripts, forms, the
// page's origin and downloads stay forbidden; a link may open in a window of its
// own, which is then an ordinary one.
const SandboxAttribute = "allow-popups allow-popups-to-escape-sandbox"

// ParentPolicy is what the page that holds the frame must allow in its own
// Content-Security-Policy, beside what it has. A srcdoc document inherits the policy
// of the page (HTML, 7.1.7), and both must agree: without these two, the page's strictness
// takes the mail's colours and pictures away. style-src-attr opens style attributes
// only; style elements and sheets of strangers stay shut. The page itself has no
// foreign markup, so it gives nothing away by it.
const ParentPolicy = "style-src-attr 'unsafe-inline'; img-src 'self' data:"

var isOrigin = regexp.MustCompile(`^https?://[a-z0-9.-]+(:[0-9]{1,5})?$`)

// Document returns the whole document for <iframe sandbox srcdoc>: safe must come
// from HTML. lang is a language tag, or "". origin is our own scheme, host and
// port, "https://brev.example.se", if pictures are shown by paths of ours; "" allows
// data: pictures only. The document has an origin of its own, so 'self' means
// nothing in it and the origin must be named.
//
// The result goes into the srcdoc attribute by html/template, which escapes it once more.
func Document(safe, lang, origin string) string {
	pictures := "data:"
	head := ""
	if matches(origin, isOrigin) {
		pictures += " " + origin
		// A srcdoc document resolves paths against the page; base says so aloud, and
		// makes all links open outside the frame.
		head = `<base href="` + html.EscapeString(origin) + `/" target="_blank">`
	}
	if !isLang.MatchString(lang) {
		lang = ""
	}
	var b strings.Builder
	b.Grow(len(safe) + 900)
	b.WriteString(`<!doctype html><html lang="` + html.EscapeString(lang) + `"><head><meta charset="utf-8">` +
		`<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src ` + pictures +
		`; style-src-attr 'unsafe-inline'; form-action 'none'; base-uri ` + baseURI(origin) + `">` + head +
		`<meta name="referrer" content="no-referrer"><meta name="viewport" content="width=device-width">` +
		`<title></title></head><body style="` + bodyStyle + `">`)
	b.WriteString(safe)
	b.WriteString(`</body></html>`)
	return b.String()
}

// bodyStyle is an attribute and no style element, so that the page's policy needs
// to open as little as can be. White and black, because a mail's own colours
// were chosen for them.
const bodyStyle = "margin: 0; padding: 8px; background-color: #fff; color: #1a1a1a; font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere"

func baseURI(origin string) string {
	if matches(origin, isOrigin) {
		return origin
	}
	return "'none'"
}
