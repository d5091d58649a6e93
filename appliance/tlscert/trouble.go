package tlscert

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"
	"unicode"

	"golang.org/x/crypto/acme"
)

// Why is the kind of a trouble. Each has a sentence in the catalogue, and another that says
// what to do: "certificate.why." and the word, and the same with ".do" behind it.
type Why string

// The kinds.
const (
	Unreadable  Why = "unreadable"  // a file cannot be read, or holds no certificate
	Unfit       Why = "unfit"       // key and certificate do not belong together
	OtherName   Why = "othername"   // the certificate is not for the name
	Over        Why = "over"        // its time is over
	NotThere    Why = "notthere"    // the authority's directory does not answer
	NoName      Why = "noname"      // the name is not in DNS
	Closed      Why = "closed"      // the authority cannot reach us under the name
	Elsewhere   Why = "elsewhere"   // somebody else answers under the name
	TooOften    Why = "toooften"    // the authority gives no more for now
	Forbidden   Why = "forbidden"   // a CAA record of the domain names other authorities
	Refused     Why = "refused"     // the authority gives none for such a name
	NoAccount   Why = "noaccount"   // the authority wants an account that was ordered before
	Unexplained Why = "unexplained" // Detail says it
)

// Trouble is why a door has no certificate, or none anew, in a way that people can mend.
type Trouble struct {
	Why    Why
	Name   string        // of the host
	Detail string        // in the words of who refused: one line, at most 300 characters, no secret
	Wait   time.Duration // the authority wants to be left alone so long; 0: it has not said
}

// Error is for the operator.
func (t *Trouble) Error() string {
	return "certificate for " + t.Name + ": " + string(t.Why) + ": " + t.Detail
}

// trouble is err as people can mend it.
func trouble(name string, err error) *Trouble {
	t := &Trouble{Why: Unexplained, Name: name, Detail: line(err.Error())}
	var known *Trouble
	var refused *acme.AuthorizationError
	var said *acme.Error
	var order *acme.OrderError
	if errors.As(err, &order) && order.Problem != nil {
		err = order.Problem
	}
	switch {
	case errors.As(err, &known):
		known.Name = name
		return known
	case errors.As(err, &refused):
		for _, e := range refused.Errors {
			if errors.As(e, &said) {
				t.Why, t.Detail = whyOf(said), line(said.Detail)
				break
			}
		}
	case errors.As(err, &said):
		t.Why, t.Detail = whyOf(said), line(said.Detail)
		t.Wait, _ = acme.RateLimit(said)
		for _, s := range said.Subproblems {
			if w := kinds[problem(s.Type)]; w != "" {
				t.Why, t.Detail = w, line(s.Detail)
				break
			}
		}
	case errors.Is(err, acme.ErrNoAccount):
		t.Why = NoAccount
	case errors.Is(err, context.DeadlineExceeded), unreached(err):
		t.Why = NotThere
	}
	return t
}

// unreached reports whether the authority itself could not be asked.
func unreached(err error) bool {
	var e interface{ Timeout() bool } // of net/http, and of the network below it
	return errors.As(err, &e)
}

// kinds are the problem types of RFC 8555, 6.7, that people can do something about.
var kinds = map[string]Why{
	"dns": NoName, "connection": Closed, "tls": Closed, "unauthorized": Elsewhere, "incorrectResponse": Elsewhere,
	"rateLimited": TooOften, "caa": Forbidden, "rejectedIdentifier": Refused, "unsupportedIdentifier": Refused,
	"externalAccountRequired": NoAccount, "accountDoesNotExist": NoAccount, "userActionRequired": NoAccount,
}

func problem(kind string) string {
	s, ok := strings.CutPrefix(kind, "urn:ietf:params:acme:error:")
	if !ok {
		return ""
	}
	return s
}

func whyOf(e *acme.Error) Why {
	switch w, known := kinds[problem(e.ProblemType)]; {
	case known:
		return w
	case e.StatusCode == http.StatusTooManyRequests:
		return TooOften
	case e.StatusCode >= 500:
		return NotThere
	}
	return Unexplained
}

// line is a foreign text as one line of at most 300 characters.
func line(s string) string {
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, " "))
	r := []rune(strings.Join(strings.Fields(s), " "))
	return string(r[:min(len(r), 300)])
}
