package appliance

import (
	"errors"

	"sigill/appliance/locale"
	"sigill/appliance/mail"
	"sigill/embed"
)

// Say words an error for whoever runs a command: the sentence that people would read
// in a page, in English, and the cause behind it.
func Say(err error) string {
	var e *mail.Error
	if !errors.As(err, &e) {
		return err.Error()
	}
	cat, lerr := locale.Load(tree(embed.Locale, "locale"))
	if lerr != nil || !cat.For("en").Has(e.Say) {
		return err.Error()
	}
	s := cat.For("en").Say(e.Say, e.With)
	if e.Err != nil {
		s += " (" + e.Err.Error() + ")"
	}
	return s
}
