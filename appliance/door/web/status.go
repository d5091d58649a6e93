package web

import (
	"errors"
	"net/http"

	"sigill/appliance/mail"
)

// answer is how one kind of error looks over HTTP.
type answer struct {
	status int
	title  string // key of the heading
}

// answers is the table kind → status, with RFC 9110's section unless another is
// named.
var answers = map[mail.Kind]answer{
	mail.Internal: {http.StatusInternalServerError, "page.error.internal"}, // 15.6.1
	mail.Invalid:  {http.StatusBadRequest, "page.error.invalid"},           // 15.5.1
	mail.Denied:   {http.StatusForbidden, "page.error.denied"},             // 15.5.4
	mail.Absent:   {http.StatusNotFound, "page.error.absent"},              // 15.5.5
	mail.Gone:     {http.StatusGone, "page.error.gone"},                    // 15.5.11
	mail.TooLarge: {http.StatusRequestEntityTooLarge, "page.error.large"},  // 15.5.14
	mail.Busy:     {http.StatusTooManyRequests, "page.error.busy"},         // RFC 6585, 4
	mail.Again:    {http.StatusServiceUnavailable, "page.error.again"},     // 15.6.4
	mail.Locked:   {http.StatusForbidden, "page.error.locked"},             // 15.5.4
}

// Two answers exist only here: no other door has methods and media types.
var (
	wrongMethod = answer{http.StatusMethodNotAllowed, "page.error.method"}    // 15.5.6
	wrongMedia  = answer{http.StatusUnsupportedMediaType, "page.error.media"} // 15.5.16
)

// httpError carries an answer that no kind has.
type httpError struct {
	cause  *mail.Error
	answer answer
}

func (e *httpError) Error() string { return e.cause.Error() }

func (e *httpError) Unwrap() error { return e.cause }

func mediaError(cause error) error {
	return &httpError{mail.E(mail.Invalid, "error.media", cause), wrongMedia}
}

// answerOf returns the answer for err and the error that people are told of.
func answerOf(err error) (answer, *mail.Error) {
	var e *mail.Error
	if !errors.As(err, &e) {
		return answers[mail.Internal], mail.E(mail.Internal, "error.internal", err)
	}
	var h *httpError
	if errors.As(err, &h) {
		return h.answer, h.cause
	}
	a, ok := answers[e.Kind]
	if !ok {
		a = answers[mail.Internal]
	}
	return a, e
}
