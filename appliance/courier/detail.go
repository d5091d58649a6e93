package courier

import (
	"errors"
	"fmt"
	"net/textproto"
	"strings"

	"github.com/emersion/go-smtp"
)

// reply is what a server answered, in numbers.
type reply struct {
	code     int
	enhanced smtp.EnhancedCode
}

// replyOf finds the server's answer in err. ok is false if there was none.
func replyOf(err error) (r reply, ok bool) {
	var se *smtp.SMTPError
	if errors.As(err, &se) {
		return reply{se.Code, se.EnhancedCode}, true
	}
	var te *textproto.Error
	if errors.As(err, &te) {
		return reply{te.Code, enhancedOf(te.Msg)}, true
	}
	return reply{}, false
}

// String is "550 5.1.1", or "550" if the server told no more. Nothing else of
// what a server says is kept: it may hold an address, or anything.
func (r reply) String() string {
	if r.enhanced[0] < 2 || r.enhanced[0] > 5 || !small(r.enhanced[1]) || !small(r.enhanced[2]) {
		return fmt.Sprintf("%03d", r.code)
	}
	return fmt.Sprintf("%03d %d.%d.%d", r.code, r.enhanced[0], r.enhanced[1], r.enhanced[2])
}

// small: RFC 3463, 2 has subject and detail of at most three digits.
func small(n int) bool { return 0 <= n && n <= 999 }

// enhancedOf reads the code at the beginning of an answer's text (RFC 2034).
func enhancedOf(text string) smtp.EnhancedCode {
	var c smtp.EnhancedCode
	word, _, _ := strings.Cut(text, " ")
	if len(word) > 9 {
		return c
	}
	if n, _ := fmt.Sscanf(word, "%d.%d.%d", &c[0], &c[1], &c[2]); n != 3 {
		return smtp.EnhancedCode{}
	}
	return c
}

// detailOf is the answer in err, or word if there was none.
func detailOf(err error, word string) string {
	if r, ok := replyOf(err); ok {
		return r.String()
	}
	return word
}
