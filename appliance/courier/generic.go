package courier

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"sigill/appliance/mail"
)

// Generic is any provider that takes an SMS by one HTTP request. URL, header and
// body are templates with {{to}} (+46…), {{digits}} (46…), {{text}}, {{from}},
// {{ref}}, {{ttl}} (seconds) and {{hook}}. Values are escaped for the place in which they
// stand: in the URL, and in the body by its Content-Type (form, JSON, XML, plain).
type Generic struct {
	Name   string
	Method string            // GET, POST or PUT; Default: POST
	URL    string            // https; http to loopback only
	Header map[string]Secret // values may hold passwords; {{text}} is not allowed here
	Body   string
	From   string
	Hook   string // where the provider may report; it holds a secret
	// Success is the range of status codes. Default: 200 to 299.
	SuccessFrom, SuccessTo int
	Success                string         // the answer must also match this expression; Default: any
	IDPath                 string         // of the id in a JSON answer, such as "messages.0.id"
	IDRegexp               string         // or an expression whose first group is the id
	Timeout                time.Duration  // Default: DefaultGatewayTimeout
	Roots                  *x509.CertPool // Default: the system's
}

type generic struct {
	Generic
	*poster
	body    escape
	success *regexp.Regexp
	id      *regexp.Regexp
}

// NewGeneric checks the templates, so that a slip is found at start and not by
// the first reader.
func NewGeneric(g Generic) (Gateway, error) {
	if g.Method == "" {
		g.Method = http.MethodPost
	}
	if g.SuccessFrom == 0 && g.SuccessTo == 0 {
		g.SuccessFrom, g.SuccessTo = 200, 299
	}
	if g.Name == "" {
		return nil, errors.New("courier: gateway: no name")
	}
	if g.Method != http.MethodPost && g.Method != http.MethodPut && g.Method != http.MethodGet {
		return nil, errors.New("courier: gateway: the method is GET, POST or PUT")
	}
	// Two different fillings must have one host: a value never says where to.
	one, err := url.Parse(placeholder.ReplaceAllString(g.URL, "x"))
	two, err2 := url.Parse(placeholder.ReplaceAllString(g.URL, "y"))
	if err != nil || err2 != nil || one.Host != two.Host || one.Scheme != two.Scheme {
		return nil, errors.New("courier: gateway: malformed URL, or a placeholder in its host")
	}
	if err := checkURL(one.String()); err != nil {
		return nil, err
	}
	out := &generic{Generic: g, poster: newPoster(g.Name, g.Timeout, g.Roots), body: escapeNothing}
	if err := errors.Join(out.checkTemplates(), out.compile()); err != nil {
		return nil, err
	}
	return out, nil
}

func (g *generic) checkTemplates() error {
	if err := checkTemplate("URL", g.URL); err != nil {
		return err
	}
	contentType := ""
	for name, v := range g.Header {
		// A header is where proxies and logs look first.
		if err := checkTemplate("header", string(v), "text"); err != nil {
			return err
		}
		if http.CanonicalHeaderKey(name) == "Content-Type" {
			contentType = string(v)
		}
	}
	if err := checkTemplate("body", g.Body); err != nil {
		return err
	}
	if !strings.Contains(g.URL+g.Body, "{{") {
		return errors.New("courier: gateway: neither URL nor body has a placeholder")
	}
	if g.Body == "" {
		return nil
	}
	var err error
	if g.body, err = escapeFor(contentType); err != nil {
		return err
	}
	sample := fields(mail.SMS{To: "+46700000000", Text: "\"<&\n", Ref: "r"}, g.From, g.Hook)
	if strings.Contains(contentType, "json") && !json.Valid([]byte(fill(g.Body, sample, g.body))) {
		return errors.New("courier: gateway: the body is not JSON")
	}
	return nil
}

func (g *generic) compile() error {
	var err error
	if g.success, err = regexp.Compile(g.Generic.Success); err != nil {
		return fmt.Errorf("courier: gateway: success: %w", err)
	}
	if g.id, err = regexp.Compile(g.IDRegexp); err != nil {
		return fmt.Errorf("courier: gateway: id: %w", err)
	}
	if g.IDRegexp != "" && g.id.NumSubexp() < 1 {
		return errors.New("courier: gateway: the expression for the id has no group")
	}
	return nil
}

// Send implements Gateway.
func (g *generic) Send(ctx context.Context, s mail.SMS) (mail.Receipt, error) {
	values := fields(s, g.From, g.Hook)
	req, err := http.NewRequest(g.Method, fill(g.URL, values, escapeURL), strings.NewReader(fill(g.Body, values, g.body)))
	if err != nil {
		return mail.Receipt{}, &GatewayError{Provider: g.name, Detail: "request", Sure: true}
	}
	for name, v := range g.Header {
		req.Header.Set(name, fill(string(v), values, escapeNothing))
	}
	status, body, err := g.do(ctx, req)
	if err != nil {
		return mail.Receipt{}, err
	}
	if status < g.SuccessFrom || status > g.SuccessTo {
		return mail.Receipt{}, &GatewayError{Provider: g.name, Status: status, Detail: "status", Sure: refusal(status)}
	}
	if !g.success.Match(body) {
		// Such as SMS Teknik's "0:Access denied" with status 200.
		return mail.Receipt{}, &GatewayError{Provider: g.name, Status: status, Detail: "answer", Sure: true}
	}
	return mail.Receipt{Provider: g.name, ID: g.findID(body)}, nil
}

// findID returns the provider's id; empty if it tells none, for then the SMS was
// still taken, only its reports cannot be matched.
func (g *generic) findID(body []byte) string {
	id := ""
	if g.IDPath != "" {
		if doc, err := decodeJSON(body); err == nil {
			id, _ = lookup(doc, g.IDPath)
		}
	} else if g.IDRegexp != "" {
		if m := g.id.FindSubmatch(body); m != nil {
			id = string(m[1])
		}
	}
	if len(id) > maxReportID {
		return ""
	}
	return id
}
