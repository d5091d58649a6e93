package courier

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"mime"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"sigill/appliance/mail"
)

// escape says how a value is written where it stands, so that no text can become
// structure.
type escape func(string) string

func escapeURL(s string) string {
	// QueryEscape writes a blank as "+", which is a plus in a path.
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}

func escapeJSON(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.Encode(s) // never fails for a string
	return strings.Trim(strings.TrimSuffix(b.String(), "\n"), `"`)
}

func escapeXML(s string) string {
	var b bytes.Buffer
	xml.EscapeText(&b, []byte(s))
	return b.String()
}

func escapeNothing(s string) string { return s }

// escapeFor returns how values are written in a body of this media type. A type
// for which we do not know is refused.
func escapeFor(contentType string) (escape, error) {
	media, _, err := mime.ParseMediaType(contentType)
	switch {
	case err != nil:
		return nil, errors.New("courier: gateway: malformed Content-Type")
	case media == "application/x-www-form-urlencoded":
		return url.QueryEscape, nil
	case media == "application/json", strings.HasSuffix(media, "+json"):
		return escapeJSON, nil
	case media == "text/xml", media == "application/xml", strings.HasSuffix(media, "+xml"):
		return escapeXML, nil
	case media == "text/plain":
		return escapeNothing, nil
	}
	return nil, fmt.Errorf("courier: gateway: no way to write values into %s", media)
}

// placeholder is {{to}}, {{digits}}, {{text}}, {{from}}, {{ref}}, {{ttl}} or {{hook}}.
var placeholder = regexp.MustCompile(`\{\{\s*([a-zA-Z_]*)\s*\}\}`)

var placeholders = []string{"to", "digits", "text", "from", "ref", "ttl", "hook"}

// fields are an SMS's values by their placeholders.
func fields(s mail.SMS, from, hook string) map[string]string {
	return map[string]string{
		"to": string(s.To), "digits": strings.TrimPrefix(string(s.To), "+"), "text": s.Text.Reveal(),
		"from": from, "ref": s.Ref, "ttl": strconv.Itoa(int(s.TTL.Seconds())),
		"hook": hook,
	}
}

// fill writes values into a template, in one pass: a value that looks like a
// placeholder stays as it is.
func fill(template string, values map[string]string, esc escape) string {
	return placeholder.ReplaceAllStringFunc(template, func(m string) string {
		return esc(values[placeholder.FindStringSubmatch(m)[1]])
	})
}

// checkTemplate refuses placeholders that do not exist, and those not allowed here.
func checkTemplate(where, template string, not ...string) error {
	rest := placeholder.ReplaceAllStringFunc(template, func(m string) string {
		name := placeholder.FindStringSubmatch(m)[1]
		for _, n := range placeholders {
			if n == name && !slices.Contains(not, n) {
				return ""
			}
		}
		return m
	})
	if strings.Contains(rest, "{{") {
		return fmt.Errorf("courier: gateway: a placeholder in the %s is not known or not allowed there", where)
	}
	return nil
}

// lookup finds a value in an answer or report: by a path such as "messages.0.id"
// in JSON.
func lookup(doc any, path string) (string, bool) {
	for step := range strings.SplitSeq(path, ".") {
		switch d := doc.(type) {
		case map[string]any:
			v, ok := d[step]
			if !ok {
				return "", false
			}
			doc = v
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(d) {
				return "", false
			}
			doc = d[i]
		default:
			return "", false
		}
	}
	switch v := doc.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		return strconv.FormatBool(v), true
	}
	return "", false
}

// decodeJSON keeps numbers as they are written: ids are often larger than a float
// can tell apart.
func decodeJSON(body []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var doc any
	if err := d.Decode(&doc); err != nil {
		return nil, errors.New("not JSON")
	}
	return doc, nil
}
