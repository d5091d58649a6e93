package control

import (
	"context"
	"errors"
	"net/http"

	"sigill/appliance/mail"
)

// errStranger has no key of a sentence for people: whoever runs a command reads English.
var errStranger = mail.E(mail.Denied, "", errors.New("only root and the account that runs the appliance may ask it"))

// refusal is a mail.Error on the wire.
type refusal struct {
	Kind  string            `json:"kind"`
	Say   string            `json:"say,omitempty"`
	With  map[string]string `json:"with,omitempty"`
	Cause string            `json:"cause,omitempty"`
}

// statuses is for those who ask with curl; our own commands read the kind.
var statuses = map[mail.Kind]int{
	mail.Internal: http.StatusInternalServerError,
	mail.Invalid:  http.StatusBadRequest,
	mail.Denied:   http.StatusForbidden,
	mail.Absent:   http.StatusNotFound,
	mail.Gone:     http.StatusGone,
	mail.TooLarge: http.StatusRequestEntityTooLarge,
	mail.Busy:     http.StatusServiceUnavailable,
	mail.Again:    http.StatusServiceUnavailable,
	mail.Locked:   http.StatusLocked,
}

// refuse puts an error on the wire. The cause goes with it: who asks is who reads the
// log.
func refuse(err error) (int, refusal) {
	if errors.Is(err, context.Canceled) {
		err = mail.E(mail.Again, "error.again", errors.New("the appliance is stopping"))
	}
	var e *mail.Error
	if !errors.As(err, &e) {
		e = mail.E(mail.Internal, "", err)
	}
	r := refusal{Kind: e.Kind.String(), Say: e.Say, With: e.With}
	if e.Err != nil {
		r.Cause = e.Err.Error()
	}
	return statuses[e.Kind], r
}

// err is the error that refuse was given, as far as it crosses.
func (r refusal) err() error {
	cause := errors.New(r.Cause)
	if r.Say == "" {
		return cause
	}
	e := &mail.Error{Say: r.Say, With: r.With}
	for k := range statuses {
		if k.String() == r.Kind {
			e.Kind = k
		}
	}
	if r.Cause != "" {
		e.Err = cause
	}
	return e
}
