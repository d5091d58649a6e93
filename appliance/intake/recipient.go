package intake

import (
	"strings"

	"sigill/appliance/mail"
)

// Recipient reads the address of a RCPT TO.
//
// An ordinary address is secure=false, with Given and Address filled. A secure one
// has the address without its suffix, the level of its trigger, and the number
// if one was given. What is almost a secure address is secure=true with a Trap,
// so that the desk holds it and asks; its Address may then be empty, and is a guess
// otherwise. The error is Invalid, for what is no address at all; with
// secure=true it was meant as a secure one.
//
// A trigger is never a top-level domain (Grammar.Check), so no address that
// could be delivered as it stands is taken for a secure one. What remains without the
// suffix must have a dot in its domain: "anna@example.s" is somebody who
// forgot ".se", and is held.
func (g Grammar) Recipient(rcpt string) (req mail.Request, secure bool, err error) {
	req.Given = rcpt
	if len(rcpt) > 2*mail.MaxAddress {
		_, err = mail.ParseAddress(rcpt)
		return req, false, err
	}
	left, trigger, ok := g.cut(rcpt)
	if !ok {
		if guess, level, near := g.nearMiss(rcpt); near {
			req.Level, req.Trap = level, mail.TrapTrigger
			req.Address, _ = mail.ParseAddress(guess)
			return req, true, nil
		}
		req.Address, err = mail.ParseAddress(rcpt)
		return req, false, err
	}
	req.Level = g.Triggers[trigger]
	left = g.number(left, &req)
	if req.Address, err = mail.ParseAddress(left); err != nil {
		if guess, _, near := g.nearMiss(rcpt); near { // quoted, or with blanks
			req.Trap = mail.TrapTrigger
			req.Address, _ = mail.ParseAddress(guess)
			return req, true, nil
		}
		return req, true, err
	}
	if !plausible(req.Address.Domain()) {
		req.Trap = mail.TrapTrigger
	}
	if _, again, ok := g.cut(left); ok && again != "" { // ".s.s": which one counts?
		guess, _, _ := g.nearMiss(left + ".")
		req.Trap = mail.TrapTrigger
		req.Address, _ = mail.ParseAddress(guess)
	}
	return req, true, nil
}

// cut takes "." and a trigger off the end, in any case of letters.
func (g Grammar) cut(s string) (left, trigger string, ok bool) {
	i := strings.LastIndexByte(s, '.')
	at := strings.LastIndexByte(s, '@')
	if i < 0 || at < 0 || i < at {
		return "", "", false
	}
	trigger = strings.ToLower(s[i+1:])
	if _, ok := g.Triggers[trigger]; !ok {
		return "", "", false
	}
	return s[:i], trigger, true
}

// number takes a number off the end of an address without its trigger. No
// top-level domain holds a digit, but xn-- ones do: a label with digits where a
// top-level domain should be was meant as a number, and if it is none, the
// recipient is held.
func (g Grammar) number(left string, req *mail.Request) string {
	i := strings.LastIndexByte(left, '.')
	if i <= strings.LastIndexByte(left, '@') {
		return left
	}
	label := left[i+1:]
	if !strings.ContainsAny(label, "0123456789") || strings.HasPrefix(strings.ToLower(label), "xn--") {
		return left
	}
	left = left[:i]
	phone, err := g.Phone(label)
	if err != nil {
		req.Trap = mail.TrapNumber
	}
	if rest := g.number(left, &mail.Request{}); rest != left { // two numbers: whose?
		req.Trap, phone, left = mail.TrapNumber, "", rest
	}
	req.Phone = phone
	return left
}

// plausible reports whether a domain could be one on the Internet or in a house:
// with a dot, and its last label no number.
func plausible(domain string) bool {
	i := strings.LastIndexByte(domain, '.')
	return i > 0 && !allDigits(domain[i+1:])
}

func allDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
