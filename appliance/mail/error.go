package mail

import (
	"errors"
	"fmt"
	"maps"
)

// Kind is what a machine needs to know of an error. Each door has one table from
// Kind to its own answer (HTTP status, SMTP reply code).
type Kind uint8

// The kinds. Somebody without the right to know gets Absent, in the same bytes
// as for a thing that is not there.
const (
	Internal Kind = iota // our fault; people see a number that stands in the log
	Invalid              // the sender can mend it; Say tells how
	Denied               // known who it is, and he may not
	Absent               // not there, or not for him
	Gone                 // was there and has ended; said only to who proves that he held it
	TooLarge             // over a limit
	Busy                 // too much at once; the same again later will do
	Again                // a passing fault below us (disk full, peer down); nothing was done
	Locked               // too many wrong tries
)

var kindNames = [...]string{"internal", "invalid", "denied", "absent", "gone", "too large", "busy", "again", "locked"}

// String returns the kind in words for the operator.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("kind %d", uint8(k))
}

// Error is the only kind of error that crosses from the desk to a door.
type Error struct {
	Kind Kind
	Say  string            // key of the sentence that people read
	With map[string]string // values for the sentence; never content, never a secret
	Err  error             // the cause, for the operator
}

// E makes an Error. Err may be nil.
func E(k Kind, say string, err error) *Error { return &Error{Kind: k, Say: say, Err: err} }

// Tell returns a copy of e whose sentence has one more value.
func (e *Error) Tell(name, value string) *Error {
	c := *e
	c.With = map[string]string{}
	maps.Copy(c.With, e.With)
	c.With[name] = value
	return &c
}

// Error is for the log, not for people.
func (e *Error) Error() string {
	if e.Err == nil {
		return e.Kind.String() + ": " + e.Say
	}
	return e.Kind.String() + ": " + e.Say + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// KindOf returns the kind of the first Error in err's chain; Internal if there is none.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}
