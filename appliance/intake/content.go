package intake

import (
	"html"
	"net/url"
	"strings"

	"sigill/appliance/mail"
	"sigill/appliance/sanitize"
)

// content gathers what a tree of parts says to people: text, HTML, files.
type content struct {
	faults *faults
	files  []mail.File
	names  namer
}

// say is one stretch of the mail's body, as text, as HTML or as both.
type say struct{ text, html string }

// gather returns what p says, in the order in which a mail program shows it. All
// that it does not show goes to the files: nothing is lost.
func (c *content) gather(p *part) []say {
	if !p.multipart() {
		return c.leaf(p)
	}
	c.outside(p)
	switch p.kind.value {
	case "multipart/alternative":
		return c.alternative(p)
	case "multipart/related", "multipart/signed":
		// The first part is the document; the others belong to it (RFC 2387; RFC 1847).
		var list []say
		for i, child := range p.children {
			if i == 0 {
				list = c.gather(child)
				continue
			}
			c.keep(child)
		}
		return list
	case "multipart/encrypted":
		for _, child := range p.children {
			c.keep(child)
		}
		return nil
	}
	var list []say // any other multipart is mixed (RFC 2046, 5.1.7)
	for _, child := range p.children {
		list = append(list, c.gather(child)...)
	}
	return list
}

// alternative takes the first text and the last HTML of one thing said twice.
func (c *content) alternative(p *part) []say {
	var all say
	for _, child := range p.children {
		list := c.gather(child)
		if len(list) == 0 {
			continue
		}
		text, markup := together(list)
		switch {
		case markup == "" && all.text == "":
			all.text = text
		case markup == "": // a second text, which says something else or it would not be here
			if text != all.text {
				c.add(mail.File{Data: []byte(text)}, "text/plain")
			}
		default:
			if all.text == "" {
				all.text = text
			}
			if all.html != "" {
				c.add(mail.File{Data: []byte(all.html)}, "text/html")
			}
			all.html = markup
		}
	}
	if all == (say{}) {
		return nil
	}
	return []say{all}
}

// keep makes files of all leaves below p.
func (c *content) keep(p *part) {
	if !p.multipart() {
		c.file(p)
		return
	}
	c.outside(p)
	for _, child := range p.children {
		c.keep(child)
	}
}

// leaf is text of the body, or a file.
func (c *content) leaf(p *part) []say {
	kind := p.kind.value
	if !strings.Contains(kind, "/") { // none or malformed: RFC 2045, 5.2
		kind = "text/plain"
	}
	named := p.place.params["filename"] != "" || p.kind.params["name"] != ""
	inMixed := p.parent != nil && p.parent.kind.value != "multipart/alternative" && p.parent.kind.value != "multipart/related"
	if kind != "text/plain" && kind != "text/html" || p.place.value == "attachment" || named && inMixed {
		c.file(p)
		return nil
	}
	data, _, ok := decode(p.body, p.encoding, c.faults)
	if !ok {
		c.file(p)
		return nil
	}
	if kind == "text/html" {
		return []say{{html: htmlToUTF8(data, p.kind.params["charset"], c.faults)}}
	}
	text := lineEnds(toUTF8(data, p.kind.params["charset"], c.faults))
	if strings.EqualFold(p.kind.params["format"], "flowed") {
		text = unflow(text, strings.EqualFold(p.kind.params["delsp"], "yes"))
	}
	return []say{{text: text}}
}

// outside keeps text behind the last part, where a boundary that came too early
// leaves it, and a preamble that is longer than the usual remark for old programs.
func (c *content) outside(p *part) {
	for i, b := range [][]byte{p.preamble, p.epilogue} {
		s := strings.TrimSpace(string(b))
		if s == "" || i == 0 && len(s) < 300 {
			continue
		}
		c.faults.add(FaultOutside)
		c.add(mail.File{Data: []byte(lineEnds(toUTF8([]byte(s), "", c.faults)))}, "text/plain")
	}
}

// together joins stretches: text is what is said in text or made from HTML; markup
// is "" if nothing is said in HTML, else it holds the texts too, so that whoever
// looks at the HTML sees all.
func together(list []say) (text, markup string) {
	var texts, markups []string
	rich := false
	for _, s := range list {
		t, h := s.text, s.html
		if h != "" {
			rich = true
			if strings.TrimSpace(t) == "" {
				t = sanitize.Text(h)
			}
		} else if strings.TrimSpace(t) != "" {
			h = `<div style="white-space: pre-wrap">` + html.EscapeString(t) + `</div>`
		}
		if t != "" {
			texts = append(texts, t)
		}
		if h != "" {
			markups = append(markups, h)
		}
	}
	if rich {
		markup = strings.Join(markups, "\n")
	}
	return strings.Join(texts, "\n"), markup
}

// inline marks the pictures that the HTML refers to by cid: (RFC 2392).
func (c *content) inline(markup string) {
	for i := range c.files {
		f := &c.files[i]
		if f.ContentID == "" || !strings.HasPrefix(f.Type, "image/") {
			continue
		}
		f.Inline = strings.Contains(markup, "cid:"+f.ContentID) || strings.Contains(markup, "cid:"+url.PathEscape(f.ContentID)) ||
			strings.Contains(markup, "cid:"+html.EscapeString(f.ContentID)) || strings.Contains(markup, "cid:"+url.QueryEscape(f.ContentID))
	}
}

// lineEnds makes LF of all line ends.
func lineEnds(s string) string {
	if strings.IndexByte(s, '\r') < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}
