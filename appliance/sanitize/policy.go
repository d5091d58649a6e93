package sanitize

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/microcosm-cc/bluemonday"
)

// policy is the second wall: somebody else's sanitiser with our list. It is
// narrow enough to be safe without the first one, and it leaves the first one's
// output as it is.
var policy = sync.OnceValue(newPolicy)

func newPolicy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	// URLs are held against isLink and isPicture. bluemonday's own URL handling
	// rewrites queries, which breaks signed links.
	p.RequireParseableURLs(false)
	for name, attrs := range elements {
		p.AllowNoAttrs().OnElements(name)
		for key, shape := range attrs {
			p.AllowAttrs(key).Matching(shape).OnElements(name)
		}
	}
	for key, shape := range everywhere {
		p.AllowAttrs(key).Matching(shape).Globally()
	}
	p.AllowAttrs("style").Matching(styleAttribute()).Globally()
	p.AllowAttrs("href").Matching(isLink).OnElements("a")
	p.AllowAttrs("rel").Matching(isRel).OnElements("a")
	p.AllowAttrs("target").Matching(isTarget).OnElements("a")
	p.AllowAttrs("src").Matching(isPicture).OnElements("img")
	p.SkipElementsContent("svg", "math", "template", "iframe", "object", "applet", "select", "textarea", "title", "video", "audio", "canvas")
	return p
}

// styleAttribute is the shape of a whole style attribute as the cleaner writes it:
// listed properties, and of functions nothing but colours.
func styleAttribute() *regexp.Regexp {
	names := strings.Join(slices.Sorted(maps.Keys(properties())), "|")
	one := `(` + names + `): ([\p{L}0-9 #%.,+/'_-]|(rgb|hsl)a?\([0-9., %]{1,40}\))+`
	return regexp.MustCompile(`^(?i)` + one + `(; ` + one + `)*$`)
}
