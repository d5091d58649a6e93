package courier

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"sigill/appliance/mail"
)

// Elks is an account at 46elks (46elks.se/docs/send-sms).
type Elks struct {
	URL      string // Default: https://api.46elks.com/a1/sms
	User     string
	Password Secret
	From     string         // 3 to 11 letters and digits beginning with a letter, or a number
	Hook     string         // where delivery reports go, with its secret; Default: none are asked for
	Timeout  time.Duration  // Default: DefaultGatewayTimeout
	Roots    *x509.CertPool // Default: the system's
}

type elks struct {
	Elks
	*poster
}

// NewElks returns a gateway to 46elks.
func NewElks(e Elks) (Gateway, error) {
	if e.URL == "" {
		e.URL = "https://api.46elks.com/a1/sms"
	}
	if err := checkURL(e.URL); err != nil {
		return nil, err
	}
	if e.User == "" || e.Password == "" {
		return nil, errors.New("courier: 46elks: user and password are needed")
	}
	if err := checkSender(e.From); err != nil {
		return nil, err
	}
	return &elks{e, newPoster("46elks", e.Timeout, e.Roots)}, nil
}

// Send implements Gateway.
func (e *elks) Send(ctx context.Context, s mail.SMS) (mail.Receipt, error) {
	form := url.Values{
		"from": {e.From}, "to": {string(s.To)}, "message": {s.Text.Reveal()},
		"dontlog": {"message"}, // the provider keeps the number, not the PIN
	}
	if e.Hook != "" {
		form.Set("whendelivered", e.Hook)
	}
	req, err := http.NewRequest(http.MethodPost, e.URL, strings.NewReader(form.Encode()))
	if err != nil {
		return mail.Receipt{}, &GatewayError{Provider: e.name, Detail: "request", Sure: true}
	}
	req.SetBasicAuth(e.User, string(e.Password))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	status, body, err := e.do(ctx, req)
	if err != nil {
		return mail.Receipt{}, err
	}
	if status != http.StatusOK {
		return mail.Receipt{}, &GatewayError{Provider: e.name, Status: status, Detail: "status", Sure: refusal(status)}
	}
	var answer struct {
		ID     string          `json:"id"`
		Status string          `json:"status"`
		Cost   json.RawMessage `json:"cost"` // in 1/10000 of the account's currency, of all parts
		Parts  json.RawMessage `json:"parts"`
	}
	if json.Unmarshal(body, &answer) != nil || answer.ID == "" || len(answer.ID) > maxReportID {
		// A 200 in other words than agreed: it may well have been sent.
		return mail.Receipt{}, &GatewayError{Provider: e.name, Status: status, Detail: "answer"}
	}
	if answer.Status == "failed" {
		return mail.Receipt{}, &GatewayError{Provider: e.name, Status: status, Detail: "failed", Sure: true}
	}
	r := mail.Receipt{Provider: e.name, ID: answer.ID}
	if parts, ok := amount(answer.Parts); ok {
		r.Parts = int(parts)
	}
	if cost, ok := amount(answer.Cost); ok {
		r.Cost, r.Priced = cost*100, true
	}
	return r, nil
}

// maxAmount bounds what a provider says of one SMS: more is a slip of theirs, and would
// spoil a month's sum.
const maxAmount = 10_000_000

// amount reads a number that a provider says. One that cannot be is as if nothing was
// said: the SMS was taken all the same.
func amount(raw json.RawMessage) (int64, bool) {
	n, err := strconv.ParseInt(string(raw), 10, 64)
	return n, err == nil && n >= 0 && n <= maxAmount
}

// checkSender holds a sender's name against what telephone networks take.
func checkSender(s string) error {
	if _, err := mail.ParsePhone(s); err == nil {
		return nil
	}
	if len(s) < 3 || len(s) > 11 || s[0] >= '0' && s[0] <= '9' {
		return errors.New("courier: the sender of SMS is a number, or 3 to 11 letters and digits beginning with a letter")
	}
	for _, c := range []byte(s) {
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9') {
			return errors.New("courier: the sender of SMS holds a character that is no letter or digit")
		}
	}
	return nil
}
