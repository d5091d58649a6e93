package sanitize

import (
	"regexp"
	"strings"
	"sync"
)

// maxStyle is the longest style attribute that is read, and maxStyleValue the longest
// value in it that is kept, in bytes. The second is styleFont's only bound: as
// {1,200} the expression weighs 3 MB.
const (
	maxStyle      = 4096
	maxStyleValue = 200
)

// The shapes of values. Nothing that fetches (url, image-set), computes
// (expression, calc, var, attr), leaves its place (negative lengths) or escapes
// (backslash) fits any of them.
const (
	length = `(auto|normal|inherit|medium|thin|thick|0|[0-9]{0,5}(\.[0-9]{1,4})?(px|pt|em|rem|ex|ch|cm|mm|in|pc|%))`
	color  = `(#[0-9a-fA-F]{3,8}|[a-zA-Z]{3,30}|(rgb|hsl)a?\([0-9., %]{1,40}\))`
	line   = `(none|hidden|solid|dotted|dashed|double|groove|ridge|inset|outset)`
)

func shape(s string) *regexp.Regexp { return regexp.MustCompile(`^(?i)(` + s + `)$`) }

// properties is the whole list of what a style attribute may set. It is made when the
// first style is read: a start need not wait for so many expressions.
var properties = sync.OnceValue(newProperties)

func newProperties() map[string]*regexp.Regexp {
	var (
		styleLength  = shape(length)
		styleLengths = shape(length + `( ` + length + `){0,3}`)
		styleColor   = shape(color)
		styleColors  = shape(color + `( ` + color + `){0,3}`)
		styleLines   = shape(line + `( ` + line + `){0,3}`)
		styleBorder  = shape(`(` + length + `|` + line + `|` + color + `)( (` + length + `|` + line + `|` + color + `)){0,3}`)
		styleFont    = shape(`[\p{L}0-9 ,.'%/_-]+`)
		styleWord    = shape(`[a-z-]{2,20}`)
		styleNumber  = shape(`[0-9]{1,4}(\.[0-9]{1,4})?|` + length)
		styleDisplay = shape(`none|block|inline|inline-block|table|inline-table|table-row|table-cell|table-caption|table-row-group|list-item`)
		styleDecor   = shape(`[a-z-]{2,20}( [a-z-]{2,20}){0,2}`)
	)
	return map[string]*regexp.Regexp{
		"color": styleColor, "background-color": styleColor,
		"font": styleFont, "font-family": styleFont, "font-size": shape(length + `|[a-z-]{2,10}`), "font-style": styleWord,
		"font-weight": shape(`[a-z]{4,7}|[1-9]00`), "font-variant": styleWord, "line-height": styleNumber, "letter-spacing": styleLength,
		"text-align": styleWord, "text-decoration": styleDecor, "text-indent": styleLength, "text-transform": styleWord,
		"vertical-align": shape(length + `|[a-z-]{2,12}`), "white-space": styleWord, "word-break": styleWord, "overflow-wrap": styleWord,
		"word-wrap": styleWord, "direction": shape(`ltr|rtl`), "display": styleDisplay, "float": shape(`left|right|none`), "clear": shape(`left|right|both|none`),
		"margin": styleLengths, "margin-top": styleLength, "margin-right": styleLength, "margin-bottom": styleLength, "margin-left": styleLength,
		"padding": styleLengths, "padding-top": styleLength, "padding-right": styleLength, "padding-bottom": styleLength, "padding-left": styleLength,
		"width": styleLength, "height": styleLength, "max-width": styleLength, "min-width": styleLength, "max-height": styleLength,
		"border": styleBorder, "border-top": styleBorder, "border-right": styleBorder, "border-bottom": styleBorder, "border-left": styleBorder,
		"border-color": styleColors, "border-style": styleLines, "border-width": styleLengths, "border-radius": styleLengths,
		"border-top-color": styleColor, "border-right-color": styleColor, "border-bottom-color": styleColor, "border-left-color": styleColor,
		"border-top-style": styleLines, "border-right-style": styleLines, "border-bottom-style": styleLines, "border-left-style": styleLines,
		"border-top-width": styleLength, "border-right-width": styleLength, "border-bottom-width": styleLength, "border-left-width": styleLength,
		"border-collapse": shape(`collapse|separate`), "border-spacing": styleLengths, "table-layout": shape(`auto|fixed`),
		"caption-side": styleWord, "list-style-type": styleWord, "list-style-position": styleWord,
	}
}

// style returns the declarations of a style attribute that are on the list, in
// the one spelling that this function leaves as it is.
func (c *cleaner) style(v string) string {
	c.countURLs(v)
	// A backslash spells any word in CSS, a comment splits any word: a mail has no
	// honest use for either here.
	if len(v) > maxStyle || strings.Contains(v, `\`) || strings.Contains(v, "/*") {
		return ""
	}
	var kept []string
	seen := map[string]int{}
	for _, d := range declarations(v) {
		name, value, ok := strings.Cut(d, ":")
		if !ok {
			continue
		}
		name = strings.ToLower(strings.TrimSpace(name))
		value = tidy(value)
		if name == "background" { // only its colour
			name, value = "background-color", firstWord(value)
		}
		shape, ok := properties()[name]
		if !ok || len(value) > maxStyleValue || !shape.MatchString(value) {
			continue
		}
		if i, again := seen[name]; again { // the last one counts
			kept[i] = name + ": " + value
			continue
		}
		seen[name] = len(kept)
		kept = append(kept, name+": "+value)
	}
	return strings.Join(kept, "; ")
}

// tidy brings a value into one spelling.
func tidy(v string) string {
	v = strings.Join(strings.Fields(strings.ReplaceAll(v, `"`, "'")), " ")
	if i := indexFold(v, "!important"); i >= 0 {
		v = v[:i]
	}
	return strings.TrimSpace(v)
}

func firstWord(v string) string {
	if i := strings.IndexByte(v, ' '); i >= 0 && !strings.Contains(v[:i], "(") {
		return v[:i]
	}
	return v
}

// declarations splits at semicolons that stand neither in quotes nor in brackets.
func declarations(v string) []string {
	var list []string
	depth, quote, from := 0, byte(0), 0
	for i := 0; i < len(v); i++ {
		switch b := v[i]; {
		case quote != 0:
			if b == quote {
				quote = 0
			}
		case b == '"' || b == '\'':
			quote = b
		case b == '(':
			depth++
		case b == ')' && depth > 0:
			depth--
		case b == ';' && depth == 0:
			list = append(list, v[from:i])
			from = i + 1
		}
	}
	return append(list, v[from:])
}
