package notify

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"sigill/appliance/mail"
)

// PIN writes the SMS with the six digits of a letter that was sent in an owner's name. It is one part of GSM-7. Its last line is
// the one from which phones fill in the code by themselves, for this host alone
// (WebOTP, "origin-bound one-time codes"), if there is room for it.
func (w *Words) PIN(owner mail.ID, lang, pin string) (mail.SMSText, error) {
	return w.sms("pin", lang, pin, w.cleaned(w.house.Look(owner)).Name)
}

// OwnPIN is PIN for somebody of the house, at a phone of their own: to prove it, or to
// sign in.
func (w *Words) OwnPIN(lang, pin string) (mail.SMSText, error) {
	return w.sms("ownpin", lang, pin, w.cleaned(w.house.Look(mail.ID{})).House)
}

func (w *Words) sms(kind, lang, pin, name string) (mail.SMSText, error) {
	if len(pin) != 6 || strings.Trim(pin, "0123456789") != "" {
		return "", errors.New("notify: a PIN has six digits")
	}
	bound := "\n\n@" + host(w.house.BaseURL) + " #" + pin
	return w.onePart(kind, lang, name, bound, smsView{PIN: pin})
}

// ReadSMS writes the SMS that tells somebody of the house that so many recipients have read
// letters of theirs: not who, nor what.
func (w *Words) ReadSMS(lang string, count int) (mail.SMSText, error) {
	return w.onePart(kindReadSMS, lang, w.cleaned(w.house.Look(mail.ID{})).House, "", smsView{Count: count})
}

// smsView is what the text of an SMS may show.
type smsView struct {
	PIN, House string
	Count      int
}

// onePart writes an SMS of one part, with bound at its end if there is room for it.
func (w *Words) onePart(kind, lang, name, bound string, v smsView) (mail.SMSText, error) {
	l := w.language(lang)
	house := gsm(name)
	for house != "" {
		var out strings.Builder
		v.House = house
		words, err := l.text(kind)
		if err == nil {
			err = words.Execute(&out, v)
		}
		if err != nil {
			return "", fmt.Errorf("notify: %s in %s: %w", kind, l.name, err)
		}
		text := gsm(strings.TrimSpace(out.String()))
		if mail.OnePart(text + bound) {
			return mail.SMSText(text + bound), nil
		}
		if mail.OnePart(text) {
			return mail.SMSText(text), nil
		}
		// A very long name is cut: a second part costs twice and may come too late.
		r := []rune(house)
		house = strings.TrimSpace(string(r[:len(r)-1]))
	}
	return "", fmt.Errorf("notify: %s in %s: the text does not fit one SMS", kind, l.name)
}

// gsm writes s in characters of one SMS alphabet: what is not in it loses its
// accents, or becomes a question mark.
func gsm(s string) string {
	var out strings.Builder
	for _, r := range norm.NFC.String(s) {
		if _, ok := mail.Septets(string(r)); ok {
			out.WriteRune(r)
			continue
		}
		switch r {
		case '–', '—', '‑':
			out.WriteByte('-')
			continue
		case '’', '‘', '´':
			out.WriteByte('\'')
			continue
		case '“', '”', '„', '«', '»':
			out.WriteByte('"')
			continue
		case '\u00a0':
			out.WriteByte(' ')
			continue
		}
		base := []rune(norm.NFD.String(string(r)))[0]
		if _, ok := mail.Septets(string(base)); ok && unicode.IsLetter(base) {
			out.WriteRune(base)
		} else {
			out.WriteByte('?')
		}
	}
	return out.String()
}
