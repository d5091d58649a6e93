package courier

import (
	"errors"
	"fmt"
	"mime"
	"net/url"
	"strings"
	"time"

	"sigill/appliance/mail"
)

// State is how far an SMS has come.
type State uint8

// The states, in the order of their rank.
const (
	StateUnknown State = iota
	StateQueued
	StateSent
	StateExpired
	StateFailed
	StateDelivered // above failed: some networks tell of a failure first and deliver after all
)

var stateNames = [...]string{"unknown", "queued", "sent", "expired", "failed", "delivered"}

// String returns the state in the words of the configuration.
func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return stateNames[0]
}

// Then returns the state after a report of next: reports come twice and out of
// order, and a state never goes backwards.
func (s State) Then(next State) State { return max(s, next) }

// Step returns the step that a state is shown as. ok is false if it is none.
func (s State) Step() (step mail.StepKind, ok bool) {
	switch s {
	case StateSent:
		return mail.StepSMSSent, true
	case StateDelivered:
		return mail.StepSMSDelivered, true
	case StateFailed, StateExpired:
		return mail.StepSMSFailed, true
	}
	return 0, false
}

// Report is a provider's word on an SMS that it took.
type Report struct {
	ID    string
	State State
	Time  time.Time // zero if it tells none
	Code  string    // the provider's word for it; letters, digits and "_-." only, at most 32
}

const (
	maxReport   = 16 << 10
	maxReportID = 128
)

// ReportForm says where in a provider's report what stands. Names are form fields,
// or paths in JSON, by the request's Content-Type.
type ReportForm struct {
	ID     string
	Status string
	Code   string           // Default: Status
	Time   string           // RFC 3339 or "2006-01-02T15:04:05"; Default: none
	States map[string]State // by the provider's word, in lower case
}

// ElksReport is what 46elks posts: a form with id, status and delivered.
func ElksReport() ReportForm {
	return ReportForm{ID: "id", Status: "status", Time: "delivered", States: map[string]State{
		"created": StateQueued, "sent": StateSent, "delivered": StateDelivered, "failed": StateFailed,
	}}
}

// Parse reads a report. Body is at most 16 KiB, the door sees to it; query is the
// request's. Who calls is not proven by anything here: the door has compared the
// secret of the path. The error holds nothing of what came.
func (f ReportForm) Parse(contentType, query string, body []byte) (Report, error) {
	if len(body) > maxReport || len(query) > maxReport {
		return Report{}, mail.E(mail.TooLarge, "error.toolarge", errors.New("sms report: too large"))
	}
	get, err := reportFields(contentType, query, body)
	if err != nil {
		return Report{}, mail.E(mail.Invalid, "error.report", fmt.Errorf("sms report: %w", err))
	}
	id, _ := get(f.ID)
	status, ok := get(f.Status)
	if id == "" || len(id) > maxReportID || !ok {
		return Report{}, mail.E(mail.Invalid, "error.report", errors.New("sms report: no id or status"))
	}
	r := Report{ID: id, State: f.States[strings.ToLower(status)], Code: codeWord(status)}
	if f.Code != "" {
		code, _ := get(f.Code)
		r.Code = codeWord(code)
	}
	if f.Time != "" {
		r.Time = reportTime(get(f.Time))
	}
	return r, nil
}

// reportFields returns how a field of the report is found.
func reportFields(contentType, query string, body []byte) (func(string) (string, bool), error) {
	media, _, _ := mime.ParseMediaType(contentType)
	if media == "application/json" || strings.HasSuffix(media, "+json") {
		doc, err := decodeJSON(body)
		return func(path string) (string, bool) { return lookup(doc, path) }, err
	}
	if media != "application/x-www-form-urlencoded" && len(body) > 0 {
		return nil, errors.New("neither form nor JSON")
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, errors.New("malformed form")
	}
	if len(body) == 0 {
		if form, err = url.ParseQuery(query); err != nil {
			return nil, errors.New("malformed query")
		}
	}
	return func(name string) (string, bool) { return form.Get(name), form.Has(name) }, nil
}

// codeWord keeps of a provider's word what may stand in a log.
func codeWord(s string) string {
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("_-.", r) {
			return r
		}
		return -1
	}, s[:min(len(s), 32)])
}

func reportTime(s string, _ bool) time.Time {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05.999999", "2006-01-02 15:04:05"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}
