package sanitize

import (
	"strings"

	"golang.org/x/net/html"
)

// maxDepth bounds how deep elements stand in each other. Browsers stop near 512;
// deeper ones are left out, their content stays.
const maxDepth = 250

// cleaner reads tokens and writes well-nested elements of the list.
type cleaner struct {
	z        *html.Tokenizer
	out      strings.Builder
	open     []string // names of the elements that are open, outermost first
	skip     string   // the element whose content is left out; "" if none
	skipped  int      // how many of them are open
	link     link     // the link that is open
	pictures Pictures
	issued   map[string]bool // what pictures returned
	remote   map[string]bool // what would have been fetched
	blocked  Blocked
}

func newCleaner(src string, pictures Pictures) *cleaner {
	c := &cleaner{
		z:        html.NewTokenizer(strings.NewReader(clean(src))),
		pictures: pictures,
		issued:   map[string]bool{},
		remote:   map[string]bool{},
	}
	c.out.Grow(len(src) + len(src)/4)
	return c
}

func (c *cleaner) run() {
	for {
		switch c.z.Next() {
		case html.ErrorToken: // the end: a string reader has no other error
			for len(c.open) > 0 {
				c.pop()
			}
			return
		case html.TextToken:
			c.text(string(c.z.Text()))
		case html.StartTagToken:
			c.start(c.z.Token(), false)
		case html.SelfClosingTagToken:
			c.start(c.z.Token(), true)
		case html.EndTagToken:
			name, _ := c.z.TagName()
			c.end(string(name))
		}
		// Comments and doctypes are dropped, and with them the conditional
		// comments in which Outlook hides markup.
	}
}

func (c *cleaner) text(raw string) {
	if c.skip != "" {
		if c.skip == "style" {
			c.countURLs(raw)
		}
		return
	}
	t := clean(raw) // the tokenizer has undone the escapes
	if c.link.host != "" && len(c.link.text) < 500 {
		c.link.text += t
	}
	c.out.WriteString(html.EscapeString(t))
}

func (c *cleaner) start(t html.Token, selfClosing bool) {
	if c.skip != "" {
		if t.Data == c.skip && !selfClosing {
			c.skipped++
		}
		return
	}
	if active[t.Data] {
		c.blocked.Active++
	}
	if silent[t.Data] {
		c.countAttributes(t)
		// "/>" ends an element in svg and math only; elsewhere browsers ignore it.
		if !selfClosing || t.Data != "svg" && t.Data != "math" {
			c.skip, c.skipped = t.Data, 1
		}
		return
	}
	if t.Data == "body" {
		t = bodyAsDiv(t)
	}
	allowed, ok := elements[t.Data]
	if !ok || !c.fits(t.Data) {
		c.countAttributes(t)
		return
	}
	if t.Data == "img" {
		c.img(t)
		return
	}
	c.closeImplied(t.Data)
	if len(c.open) >= maxDepth && !void[t.Data] {
		return
	}
	c.out.WriteByte('<')
	c.out.WriteString(t.Data)
	href := c.attributes(t, allowed)
	if t.Data == "a" {
		c.link = openLink(href)
	}
	c.out.WriteByte('>')
	if !void[t.Data] {
		c.open = append(c.open, t.Data)
	}
}

func (c *cleaner) end(name string) {
	if c.skip != "" {
		if name == c.skip {
			if c.skipped--; c.skipped == 0 {
				c.skip = ""
			}
		}
		return
	}
	if name == "body" {
		name = "div"
	}
	if i := c.find(name, barrier(name)); i >= 0 {
		c.closeTo(i)
	}
}

// find returns the place of the innermost open element called name, or -1. It
// does not look further out than an element of stop.
func (c *cleaner) find(name string, stop map[string]bool) int {
	for i := len(c.open) - 1; i >= 0; i-- {
		if c.open[i] == name {
			return i
		}
		if stop[c.open[i]] {
			return -1
		}
	}
	return -1
}

func (c *cleaner) closeTo(i int) {
	for len(c.open) > i {
		c.pop()
	}
}

func (c *cleaner) pop() {
	name := c.open[len(c.open)-1]
	c.open = c.open[:len(c.open)-1]
	if name == "a" {
		c.out.WriteString(html.EscapeString(c.link.truth()))
		c.link = link{}
	}
	c.out.WriteString("</")
	c.out.WriteString(name)
	c.out.WriteByte('>')
}
