package sanitize

import (
	"regexp"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// The shapes that attribute values may have. All are anchored, none takes a
// character that could end an attribute or begin a URL.
var (
	isNumber = regexp.MustCompile(`^[0-9]{1,5}$`)
	isLength = regexp.MustCompile(`^[0-9]{1,5}(px|%)?$`)
	isColor  = regexp.MustCompile(`^(#[0-9a-fA-F]{3,8}|[a-zA-Z]{3,30})$`)
	isFace   = regexp.MustCompile(`^[\p{L}0-9 ,.'_-]+$`)
	isSize   = regexp.MustCompile(`^[+-]?[0-9]{1,2}$`)
	isWord   = regexp.MustCompile(`^[a-zA-Z-]{1,20}$`)
	isDir    = regexp.MustCompile(`^(?i)(ltr|rtl|auto)$`)
	isLang   = regexp.MustCompile(`^[a-zA-Z0-9-]{1,35}$`)
	isTime   = regexp.MustCompile(`^[0-9TZ:+. -]{1,40}$`)
	isMarker = regexp.MustCompile(`^(1|a|A|i|I|(?i)disc|circle|square)$`)
	isTitle  = regexp.MustCompile(`^[^\x00-\x08\x0b-\x1f]*$`)
	isEmpty  = regexp.MustCompile(`^$`)
	isLink   = regexp.MustCompile(`^(https?://[^\s"'<>\\` + "`" + `]+|mailto:[^\s"'<>\\` + "`" + `]+|tel:[+0-9]{3,20})$`)
	isRel    = regexp.MustCompile(`^noopener noreferrer nofollow$`)
	isTarget = regexp.MustCompile(`^_blank$`)
	// isPicture takes our own paths and pictures without a script in them: no SVG.
	isPicture = regexp.MustCompile(`^(data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+={0,2}|/[A-Za-z0-9._~-][A-Za-z0-9._~/?=&%-]*)$`)
)

// longest is how many characters a value may have, for the shapes that do not say so
// themselves: an expression with {0,1000} in it weighs megabytes.
var longest = map[*regexp.Regexp]int{isFace: 200, isTitle: 1000, isOrigin: len("https://:65535") + 253}

// matches reports whether a value has a shape and is not too long for it.
func matches(value string, shape *regexp.Regexp) bool {
	most, bounded := longest[shape]
	return (!bounded || utf8.RuneCountInString(value) <= most) && shape.MatchString(value)
}

type attributes map[string]*regexp.Regexp

// everywhere are the attributes that every element may have; style is apart.
var everywhere = attributes{"dir": isDir, "lang": isLang, "title": isTitle, "align": isWord}

var cellAttributes = attributes{"colspan": isNumber, "rowspan": isNumber, "width": isLength, "height": isLength,
	"valign": isWord, "bgcolor": isColor, "nowrap": isEmpty, "scope": isWord}

// elements is the whole list of what is ever written. No element here makes a
// browser change how it cuts tokens, loads anything but img, or takes input.
var elements = map[string]attributes{
	"a": {}, "abbr": {}, "address": {}, "article": {}, "b": {}, "bdi": {}, "bdo": {}, "big": {}, "blockquote": {},
	"br": {"clear": isWord}, "caption": {}, "center": {}, "cite": {}, "code": {}, "dd": {}, "del": {}, "dfn": {}, "div": {},
	"dl": {}, "dt": {}, "em": {}, "figcaption": {}, "figure": {}, "footer": {}, "h1": {}, "h2": {}, "h3": {}, "h4": {},
	"h5": {}, "h6": {}, "header": {}, "i": {}, "ins": {}, "kbd": {}, "main": {}, "mark": {}, "nav": {}, "p": {}, "pre": {},
	"q": {}, "s": {}, "samp": {}, "section": {}, "small": {}, "span": {}, "strike": {}, "strong": {}, "sub": {}, "sup": {},
	"tt": {}, "u": {}, "var": {}, "wbr": {},
	"font":     {"color": isColor, "face": isFace, "size": isSize},
	"hr":       {"width": isLength, "size": isNumber, "color": isColor, "noshade": isEmpty},
	"img":      {"width": isLength, "height": isLength, "border": isNumber, "hspace": isNumber, "vspace": isNumber, "alt": isTitle},
	"ol":       {"start": isNumber, "type": isMarker},
	"ul":       {"type": isMarker},
	"li":       {"value": isNumber, "type": isMarker},
	"time":     {"datetime": isTime},
	"table":    {"width": isLength, "height": isLength, "border": isNumber, "cellpadding": isNumber, "cellspacing": isNumber, "bgcolor": isColor},
	"colgroup": {"span": isNumber, "width": isLength}, "col": {"span": isNumber, "width": isLength},
	"thead": {"valign": isWord}, "tbody": {"valign": isWord}, "tfoot": {"valign": isWord},
	"tr": {"valign": isWord, "bgcolor": isColor, "height": isLength},
	"td": cellAttributes, "th": cellAttributes,
}

// void elements have no end tag.
var void = set("br", "hr", "img", "wbr", "col")

// silent elements are left out with all that is in them: it is not text for people.
var silent = set("script", "style", "svg", "math", "iframe", "object", "applet", "template", "select", "textarea",
	"title", "video", "audio", "canvas", "noembed", "noframes", "frameset", "datalist", "map")

// active elements are counted when they are left out.
var active = set("script", "iframe", "frame", "frameset", "object", "embed", "applet", "form", "input", "button", "select",
	"textarea", "svg", "math", "template", "base", "meta", "video", "audio", "canvas")

// bodyAsDiv keeps the colours that a mail gives its whole page.
func bodyAsDiv(t html.Token) html.Token {
	d := html.Token{Type: html.StartTagToken, Data: "div"}
	style := ""
	for _, a := range t.Attr {
		switch {
		case a.Key == "style":
			style += ";" + a.Val
		case a.Key == "bgcolor" && isColor.MatchString(a.Val):
			style = "background-color:" + a.Val + ";" + style
		case a.Key == "text" && isColor.MatchString(a.Val):
			style = "color:" + a.Val + ";" + style
		case a.Key == "dir" || a.Key == "lang" || a.Key == "background":
			d.Attr = append(d.Attr, a)
		}
	}
	if style != "" {
		d.Attr = append(d.Attr, html.Attribute{Key: "style", Val: style})
	}
	return d
}
