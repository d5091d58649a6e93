package web

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"log/slog"

	"sigill/appliance/mail"
)

// Token is what the session's cookie carries: 256 random bits that mean nothing
// but to a Sessions. It prints as [secret].
type Token struct{ b [32]byte }

// NewToken returns a fresh token.
func NewToken() Token {
	var t Token
	rand.Read(t.b[:]) // never fails
	return t
}

// TokenOf returns the token of 32 bytes from elsewhere, such as a session that was
// just begun.
func TokenOf(b [32]byte) Token { return Token{b} }

// Secret returns the bytes, from which a Sessions makes what it looks up.
func (t Token) Secret() [32]byte { return t.b }

// IsZero reports whether there is no token.
func (t Token) IsZero() bool { return t == Token{} }

// String keeps the token out of logs and errors.
func (t Token) String() string { return "[secret]" }

// GoString keeps the token out of %#v.
func (t Token) GoString() string { return "[secret]" }

// LogValue keeps the token out of slog.
func (t Token) LogValue() slog.Value { return slog.StringValue("[secret]") }

func (t Token) cookie() string { return base64.RawURLEncoding.EncodeToString(t.b[:]) }

func parseToken(s string) Token {
	var t Token
	if b, err := base64.RawURLEncoding.Strict().DecodeString(s); err == nil && len(b) == len(t.b) {
		copy(t.b[:], b)
	}
	return t
}

// Kind says what a viewer is.
type Kind uint8

// The kinds. The zero value may see what anyone may.
const (
	Stranger Kind = iota
	Guest         // has proven to hold a code and a phone
	Person        // somebody of the house or a registered recipient, signed in
	Entering      // has given a password, and lacks the second step
)

// Viewer is who stands behind a request.
type Viewer struct {
	Kind     Kind
	Name     string // as the page shows it
	Initials string
	Lang     string // their choice; "" if they made none
	Roles    mail.Roles
	// Recipient: a Person who is a registered recipient, and nobody of the house.
	Recipient bool
	// Owner is in whose name the letter was written that a guest looks at, and whose look the
	// pages have; zero: the organisation's.
	Owner mail.ID
	// Idle is after how many seconds without use the session ends; 0 for who has none.
	Idle int
	// Menu finds what a person reads, with what waits there. It is asked by a page that
	// shows it, and by no other request. Nil for who is no person.
	Menu func(ctx context.Context) (Menu, error)
	// Form is the session's secret against foreign forms; it is the token's
	// neighbour, not derived from it, and says nothing by itself.
	Form [32]byte
	// Value is the door's own: whatever its Sessions knows of the session.
	Value any
}

// Menu is the mailboxes of somebody as the pages' frame links to them.
type Menu struct {
	Own    Mailbox
	Shared []Mailbox // function mailboxes
}

// At returns the mailbox whose inbox is at a path; the zero value if there is none.
func (m Menu) At(path string) Mailbox {
	for _, b := range append([]Mailbox{m.Own}, m.Shared...) {
		if b.Path == path {
			return b
		}
	}
	return Mailbox{}
}

// Mailbox is a mailbox with what waits there.
type Mailbox struct {
	Path, Name string // of the inbox; of one's own without a name
	mail.Standing
}

// may reports whether the viewer has what a route needs.
func (v Viewer) may(need Need) bool {
	switch need {
	case Anyone:
		return true
	case GuestProof:
		return v.Kind == Guest
	case SignedIn:
		return v.Kind == Person
	case Colleague:
		return v.Kind == Person && !v.Recipient
	case Recipient:
		return v.Kind == Person && v.Recipient
	case Organiser:
		return v.Kind == Person && v.Roles&(mail.RoleOrganiser|mail.RoleAdmin) != 0
	case Auditor:
		return v.Kind == Person && v.Roles&(mail.RoleAuditor|mail.RoleAdmin) != 0
	case HelpDesk:
		return v.Kind == Person && v.Roles&(mail.RoleHelpDesk|mail.RoleAdmin) != 0
	case Statistics:
		return v.may(Organiser) || v.may(Auditor)
	case Duty:
		return v.may(Statistics) || v.may(HelpDesk)
	case Admin:
		return v.Kind == Person && v.Roles&mail.RoleAdmin != 0
	}
	return false
}

// Sessions knows who comes with a token. People's sessions and guests' proofs
// stand behind the same one.
type Sessions interface {
	// Viewer returns who the token stands for. An unknown or ended token gives the
	// zero Viewer and no error; it takes about the same time as a known one.
	Viewer(ctx context.Context, token Token) (Viewer, error)
}

// Nobody is the Sessions of a house without sessions.
type Nobody struct{}

// Viewer returns the zero Viewer.
func (Nobody) Viewer(context.Context, Token) (Viewer, error) { return Viewer{}, nil }

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
