package sanitize

import (
	"strings"

	"golang.org/x/net/html"
)

// Text returns what a person reads in src, as plain text with LF: a line for each
// block, "- " before list items, the address behind a link whose text is another,
// the alternative text of pictures. It reads tokens and builds no tree, so that its work is linear
// in the length of src, which has no bound here.
func Text(src string) string {
	t := texter{z: html.NewTokenizer(strings.NewReader(clean(src)))}
	for {
		switch t.z.Next() {
		case html.ErrorToken:
			t.closeLink()
			return strings.TrimSpace(t.out.String())
		case html.TextToken:
			if t.skip == "" {
				t.text(string(t.z.Text()))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			t.start(t.z.Token())
		case html.EndTagToken:
			name, _ := t.z.TagName()
			t.end(string(name))
		}
	}
}

type texter struct {
	z     *html.Tokenizer
	out   strings.Builder
	skip  string // inside an element that says nothing to people
	pre   int
	lines int  // line ends waiting to be written
	blank bool // a blank is waiting to be written
	href  string
	from  int // where the link's text begins
}

func (t *texter) text(s string) {
	if t.pre > 0 {
		t.flush()
		t.out.WriteString(clean(s))
		return
	}
	for i, w := range strings.FieldsFunc(clean(s), isBlank) {
		if i > 0 || startsBlank(s) {
			t.blank = true
		}
		t.flush()
		t.out.WriteString(w)
	}
	if endsBlank(s) {
		t.blank = true
	}
}

// flush writes the white space that is due; none at the very beginning.
func (t *texter) flush() {
	if t.out.Len() > 0 {
		if t.lines > 0 {
			t.out.WriteString("\n\n"[:t.lines])
		} else if t.blank {
			t.out.WriteByte(' ')
		}
	}
	t.lines, t.blank = 0, false
}

// newline asks for n line ends before the next text: 2 is an empty line.
func (t *texter) newline(n int) { t.lines = max(t.lines, n) }

func (t *texter) start(tok html.Token) {
	if t.skip != "" {
		return
	}
	switch name := tok.Data; name {
	case "script", "style", "title", "template", "svg", "math", "select", "textarea", "noembed", "noframes", "iframe":
		if tok.Type != html.SelfClosingTagToken {
			t.skip = name
		}
	case "br":
		if t.pre == 0 {
			t.flush()
			t.out.WriteByte('\n')
		}
	case "hr":
		t.newline(1)
		t.text("---")
		t.newline(1)
	case "li":
		t.newline(1)
		t.text("- ")
	case "td", "th":
		t.blank = true
	case "pre":
		t.newline(1)
		t.pre++
	case "img":
		if alt := strings.TrimSpace(attr(tok, "alt")); alt != "" {
			t.text("[" + alt + "]")
		}
	case "a":
		t.closeLink()
		t.href, t.from = safeLink(attr(tok, "href")), t.out.Len()
	default:
		t.newline(gap(name))
	}
}

func (t *texter) end(name string) {
	switch {
	case t.skip != "":
		if t.skip == name {
			t.skip = ""
		}
	case name == "a":
		t.closeLink()
	case name == "pre":
		t.pre = max(0, t.pre-1)
		t.newline(1)
	default:
		t.newline(gap(name))
	}
}

// closeLink writes the link's address, unless its text is that address.
func (t *texter) closeLink() {
	href := t.href
	t.href = ""
	if href == "" || t.out.Len() == t.from {
		return
	}
	said := strings.TrimSpace(t.out.String()[t.from:])
	short := strings.TrimPrefix(strings.TrimPrefix(href, "mailto:"), "tel:")
	if said != href && said != short && strings.TrimSuffix(href, "/") != said {
		t.out.WriteString(" <" + short + ">")
	}
}

// gap is the number of line ends around a block.
func gap(name string) int {
	switch name {
	case "p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "table", "ul", "ol", "dl":
		return 2
	case "tr":
		return 1
	}
	if blocks[name] {
		return 1
	}
	return 0
}

func attr(t html.Token, key string) string {
	for _, a := range t.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func isBlank(r rune) bool       { return r == ' ' || r == '\t' || r == '\n' || r == '\r' || r == '\f' }
func startsBlank(s string) bool { return s != "" && isBlank(rune(s[0])) }
func endsBlank(s string) bool   { return s != "" && isBlank(rune(s[len(s)-1])) }
