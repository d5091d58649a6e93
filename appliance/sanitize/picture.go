package sanitize

import (
	"net/url"
	"strings"

	"golang.org/x/net/html"
)

// maxCounted bounds the set of blocked addresses; a mail with more has said enough.
const maxCounted = 1000

// img writes a picture of the mail itself. One that would be fetched from
// elsewhere tells its sender who reads and when; it is left out and counted, and
// its alternative text stands in its place.
func (c *cleaner) img(t html.Token) {
	src, alt := "", ""
	for i := len(t.Attr) - 1; i >= 0; i-- { // backwards: the first of two counts
		switch t.Attr[i].Key {
		case "src":
			src = strings.TrimSpace(t.Attr[i].Val)
		case "alt":
			alt = t.Attr[i].Val
		case "srcset", "lowsrc", "dynsrc":
			c.countURL(t.Attr[i].Val)
		case "style":
			c.countURLs(t.Attr[i].Val)
		}
	}
	if src = c.picture(src); src == "" {
		if alt = strings.TrimSpace(clean(alt)); alt != "" {
			c.out.WriteString(html.EscapeString("[" + alt + "]"))
		}
		return
	}
	c.out.WriteString("<img")
	c.attribute("src", src)
	c.attributes(t, elements["img"])
	c.out.WriteByte('>')
}

// picture returns the URL that may be shown for src, or "".
func (c *cleaner) picture(src string) string {
	scheme, rest, _ := strings.Cut(src, ":")
	switch strings.ToLower(scheme) {
	case "cid":
		if id, err := url.PathUnescape(rest); err == nil && c.pictures != nil {
			if u, ok := c.pictures(id); ok && isPicture.MatchString(u) {
				c.issued[u] = true
				return u
			}
		}
		c.blocked.Missing++
		return ""
	case "data":
		d := "data:" + strings.Map(dropBlank, rest)
		if isPicture.MatchString(d) {
			return d
		}
		c.blocked.Missing++
		return ""
	}
	if c.issued[src] { // a path of ours; a stranger's path is not fetched from us
		return src
	}
	c.countURL(src)
	return ""
}

func dropBlank(r rune) rune {
	if r == ' ' || r == '\t' || r == '\n' || r == '\r' {
		return -1
	}
	return r
}

// countURL notes one address that is not fetched.
func (c *cleaner) countURL(u string) {
	u = strings.TrimSpace(u)
	low := strings.ToLower(u[:min(len(u), 5)])
	if u == "" || low == "data:" || strings.HasPrefix(low, "cid:") || c.remote[u] || len(c.remote) >= maxCounted {
		return
	}
	c.remote[u] = true
	c.blocked.Pictures = len(c.remote)
}

// countURLs notes the addresses in a piece of CSS.
func (c *cleaner) countURLs(css string) {
	for len(c.remote) < maxCounted {
		i := indexFold(css, "url(")
		if i < 0 {
			return
		}
		css = css[i+4:]
		end := strings.IndexAny(css, ");")
		if end < 0 {
			end = len(css)
		}
		c.countURL(strings.Trim(css[:end], " \t\n'\""))
	}
}

// indexFold is strings.Index without case; sub is lower-case ASCII.
func indexFold(s, sub string) int {
	for i := 0; i+len(sub) <= len(s); i++ {
		if s[i]|0x20 == sub[0] && strings.EqualFold(s[i:i+len(sub)], sub) {
			return i
		}
	}
	return -1
}
