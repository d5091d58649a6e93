package sanitize

import (
	"regexp"
	"strings"

	"golang.org/x/net/html"
)

// attributes writes the attributes of t that are allowed, and returns the link's
// URL if t is one. Of two attributes with one name the first counts, as in browsers.
func (c *cleaner) attributes(t html.Token, allowed attributes) (href string) {
	seen := map[string]bool{}
	style := ""
	for _, a := range t.Attr {
		if a.Namespace != "" || seen[a.Key] {
			continue
		}
		seen[a.Key] = true
		switch {
		case a.Key == "style":
			style = c.style(a.Val)
		case a.Key == "background":
			c.countURL(a.Val)
		case t.Data == "a" && a.Key == "href":
			href = safeLink(a.Val)
		default:
			shape, ok := allowed[a.Key]
			if !ok {
				shape, ok = everywhere[a.Key]
			}
			if v := value(a.Val, shape); ok && matches(v, shape) {
				c.attribute(a.Key, v)
			}
		}
	}
	if t.Data == "img" && !strings.Contains(style, "max-width: ") {
		style = strings.TrimPrefix(style+"; max-width: 100%", "; ") // no picture wider than the phone
	}
	if style != "" {
		c.attribute("style", style)
	}
	if href != "" {
		c.attribute("href", href)
		c.attribute("rel", "noopener noreferrer nofollow")
		c.attribute("target", "_blank")
	}
	return href
}

// value trims what is matched exactly; a title or alternative text keeps its blanks.
func value(v string, shape *regexp.Regexp) string {
	if shape == isTitle {
		return clean(v)
	}
	return strings.TrimSpace(v)
}

func (c *cleaner) attribute(key, value string) {
	c.out.WriteByte(' ')
	c.out.WriteString(key)
	c.out.WriteString(`="`)
	c.out.WriteString(html.EscapeString(value))
	c.out.WriteByte('"')
}

// countAttributes counts what an element that is left out would have fetched.
func (c *cleaner) countAttributes(t html.Token) {
	for _, a := range t.Attr {
		switch a.Key {
		case "src", "background", "poster", "data", "srcset", "lowsrc", "dynsrc":
			c.countURL(a.Val)
		case "href", "xlink:href":
			if t.Data == "link" || t.Data == "image" || t.Data == "use" || t.Data == "feimage" {
				c.countURL(a.Val)
			}
		case "style":
			c.countURLs(a.Val)
		}
	}
}
