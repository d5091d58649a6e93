package sanitize

import (
	"net/url"
	"regexp"
	"strings"

	"golang.org/x/net/idna"
)

// maxLink is the longest URL that stays a link, in bytes.
const maxLink = 4096

// safeLink returns the URL that may stand in href, or "". Only http, https, mailto
// and tel remain, with an ASCII host, so that no look-alike letter hides where it goes,
// and without a user name, which people read as the host.
func safeLink(raw string) string {
	if len(raw) > maxLink {
		return ""
	}
	// Browsers drop tabs and line ends inside a URL: "java\tscript:" is a script.
	raw = strings.Map(func(r rune) rune {
		if r < ' ' {
			return -1
		}
		return r
	}, strings.TrimSpace(raw))
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	switch strings.ToLower(u.Scheme) {
	case "http", "https":
		host, err := idna.Lookup.ToASCII(u.Hostname())
		if err != nil || host == "" {
			return ""
		}
		if p := u.Port(); p != "" {
			host += ":" + p
		}
		u.Host, u.User = host, nil
	case "mailto":
		u.RawQuery, u.Fragment = "", "" // no subject, body or blind copy by a stranger
	case "tel":
		return shaped("tel:" + strings.Map(keepDigits, u.Opaque))
	default:
		return ""
	}
	return shaped(linkEscaper.Replace(u.String()))
}

// linkEscaper escapes what url.URL leaves as it is and isLink does not take.
var linkEscaper = strings.NewReplacer("'", "%27", `"`, "%22", "<", "%3C", ">", "%3E", `\`, "%5C", "`", "%60", " ", "%20", "\u00a0", "%C2%A0")

func shaped(u string) string {
	if len(u) <= maxLink && isLink.MatchString(u) {
		return u
	}
	return ""
}

func keepDigits(r rune) rune {
	if r == '+' || '0' <= r && r <= '9' {
		return r
	}
	return -1
}

// link is an open link: where it goes and what it says.
type link struct{ host, text string }

func openLink(href string) link {
	u, err := url.Parse(href)
	if err != nil || u.Hostname() == "" {
		return link{}
	}
	return link{host: u.Hostname()}
}

var looksLikeHost = regexp.MustCompile(`(?i)(?:[a-z0-9_-]+\.)+[a-z]{2,24}\b`)

// truth returns what is added to a link's text when the text names another host
// than the link goes to: " [evil.example]". It is not added twice.
func (l link) truth() string {
	if l.host == "" || strings.HasSuffix(l.text, "["+l.host+"]") {
		return ""
	}
	said := looksLikeHost.FindString(l.text)
	if said == "" || strings.EqualFold(trimWWW(said), trimWWW(l.host)) {
		return ""
	}
	return " [" + l.host + "]"
}

func trimWWW(h string) string { return strings.TrimPrefix(strings.ToLower(h), "www.") }
