package portal

import (
	"slices"
	"strconv"
	"time"

	"sigill/appliance/desk"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// lifeView is the choice of until when a letter can be read.
type lifeView struct {
	Choices []lifeChoice
	Own     bool   // another day is chosen
	Day     string // that day, as the browser's field writes it; "" if what was written is none
	// The first and the last day that may be chosen. They are said and not given to the
	// field: a browser would send no form whose field for a day, also one that is not
	// shown, holds another.
	First, Last time.Time
}

// lifeChoice is one of them in words.
type lifeChoice struct {
	Value  string // as mail.Form.Days; "" is the house's default
	Title  string
	Words  string
	Chosen bool
}

// usualDays are offered beside the house's default, as far as the house accepts them.
var usualDays = []int{7, 30, 90}

// lifeView offers lifetimes, with the one that a form has chosen.
func (p *Portal) lifeView(r *web.Request, form mail.Form) (v lifeView, err error) {
	l, err := p.Desk.Lifetimes(r.Context())
	if err != nil {
		return v, err
	}
	v = lifeView{
		Own:   form.Days == mail.DaysUntil,
		First: l.Until(l.Least), Last: l.Until(l.Most),
	}
	if _, err := time.Parse(time.DateOnly, form.Until); err == nil { // a field for a day holds nothing else
		v.Day = form.Until
	}
	v.Choices = []lifeChoice{{Title: r.T("page.write.life.default"), Words: lifeWords(r, l.Default)}}
	chosen, offered := 0, usualDays
	if n, err := strconv.Atoi(form.Days); err == nil && l.Has(n) {
		if chosen = n; !slices.Contains(offered, n) {
			offered = append(slices.Clone(offered), n) // of a draft that is older than this choice, or another window's
		}
	}
	for _, n := range offered {
		if l.Has(n) {
			v.Choices = append(v.Choices, lifeChoice{
				Value: strconv.Itoa(n), Title: r.Printer().N("page.write.life.days", n),
				Words: r.T("page.write.life.until", "Date", r.Printer().Date(l.Until(n), r.Now())), Chosen: n == chosen,
			})
		}
	}
	v.Choices[0].Chosen = chosen == 0 && !v.Own
	return v, nil
}

// lifeWords says how long a letter lives for which nobody has chosen anything.
func lifeWords(r *web.Request, l desk.Life) string {
	return r.T("page.write.life.default.say",
		"Open", r.Printer().Date(l.OpenBy, r.Now()), "Days", r.Printer().N("page.write.life.days", int(l.ReadFor/(24*time.Hour))))
}

// lifetime reads what a form has chosen. The error is Invalid.
func lifetime(l desk.Lifetimes, form mail.Form) (mail.Lifetime, error) {
	switch form.Days {
	case "":
		return mail.Lifetime{}, nil
	case mail.DaysUntil:
		days, ok := l.DaysTo(form.Until)
		if !ok {
			return mail.Lifetime{}, mail.E(mail.Invalid, "error.until", nil)
		}
		return mail.Lifetime{Days: days}, nil
	}
	days, err := strconv.Atoi(form.Days)
	if err != nil || days <= 0 {
		return mail.Lifetime{}, mail.E(mail.Invalid, "error.days", nil)
	}
	return mail.Lifetime{Days: days}, nil
}
