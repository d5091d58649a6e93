package policy

import "sigill/appliance/mail"

// Levels returns the levels that a sender may choose here, the weakest first.
// Registered is always one of them.
func (r Rules) Levels() []mail.Level {
	var l []mail.Level
	if r.Letter {
		l = append(l, mail.Letter)
	}
	l = append(l, mail.Registered)
	if r.EID {
		l = append(l, mail.InPerson)
	}
	return l
}
