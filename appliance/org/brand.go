package org

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"sigill/appliance/mail"
)

// Bounds of what a unit says of itself, in characters.
const (
	MaxSender      = 60 // what a mail program shows of a sender's name on a phone, and then some
	MaxLetterhead  = 400
	MaxFooter      = 300
	MaxLines       = 6 // of a letterhead or footer
	MaxExtra       = 300
	MaxPhone       = 40
	MaxWeb         = 100
	MaxLogo        = 6 << 10 // bytes: with it, the citizen's first page stays below 40 kB
	maxLogoSide    = 1000    // pixels
	colourForm     = `^#[0-9a-f]{6}$`
	phoneForm      = `^[0-9+() /-]*[0-9]{3}[0-9+() /-]*$`
	addressLike    = `(?i)[\p{L}\p{N}_-]+(?:[.。．｡][\p{L}\p{N}_-]+)*[.。．｡](?:[\p{L}]{2,}|xn--[a-z0-9-]+)`
	numericAddress = `[0-9]{1,3}(?:\.[0-9]{1,3}){3}`
)

var (
	colours  = regexp.MustCompile(colourForm)
	phones   = regexp.MustCompile(phoneForm)
	hostLike = regexp.MustCompile(addressLike)
	numeric  = regexp.MustCompile(numericAddress)
	schemes  = regexp.MustCompile(`(?i)[a-z][a-z0-9+.-]*://`)
)

// abbreviations look like the name of a host and are none.
var abbreviations = []string{"t.ex", "m.fl", "m.m", "f.eks", "e.kr", "f.kr"}

// BrandRules are what a unit's Brand is held to.
type BrandRules struct {
	Ours      func(host string) bool // it is a domain of the house's, or below one
	Languages []string               // in which there may be texts
	Root      bool                   // it is the organisation's
}

// Clean takes blanks off the ends and refuses what must not be said: what is too long,
// what no page shows, and the addresses of others. What a unit says goes out in mails that
// hold a citizen's way to a letter. A second address in them, put there by somebody who
// took over an organiser's account, would be the perfect lure; so there is room for none
// but the house's own. The faults are Invalid errors by the name of the field, as JSON has it.
func (r BrandRules) Clean(b mail.Brand) (mail.Brand, map[string]error) {
	faults := map[string]error{}
	fail := func(field, say string) { faults[field] = mail.E(mail.Invalid, say, nil) }
	line := func(field string, s *string, most int) {
		*s = strings.TrimSpace(*s)
		if tooLong(*s, most) {
			fail(field, "error.brand.long")
		} else if at := r.foreign(*s); at != "" {
			faults[field] = mail.E(mail.Invalid, "error.brand.address", nil).Tell("Address", at)
		}
	}
	lines := func(field string, s *string, most int) {
		*s = tidy(*s)
		one := strings.ReplaceAll(*s, "\n", " ")
		line(field, &one, most)
		if strings.Count(*s, "\n") >= MaxLines {
			fail(field, "error.brand.lines")
		}
	}
	line("name", &b.Name, MaxSender)
	line("sender", &b.Sender, MaxSender)
	lines("letterhead", &b.Letterhead, MaxLetterhead)
	lines("footer", &b.Footer, MaxFooter)
	for field, c := range map[string]*string{"main": &b.Main, "line": &b.Line} {
		if *c = strings.ToLower(strings.TrimSpace(*c)); *c != "" && !colours.MatchString(*c) {
			fail(field, "error.brand.colour")
		}
	}
	if b.Phone = strings.TrimSpace(b.Phone); b.Phone != "" && (len(b.Phone) > MaxPhone || !phones.MatchString(b.Phone)) {
		fail("phone", "error.brand.phone")
	}
	if b.Web = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(b.Web), "https://"), "/"); b.Web != "" && !r.web(b.Web) {
		fail("web", "error.brand.web")
	}
	if l := b.Logo; len(l.Data) > MaxLogo || !l.IsZero() && (l.Type != "image/png" && l.Type != "image/jpeg" || l.Width < 1 || l.Width > maxLogoSide || l.Height < 1 || l.Height > maxLogoSide) {
		fail("logo", "error.brand.logo")
	}
	b.Extra = r.extra(b.Extra, func(key string, s *string) {
		*s = strings.Join(strings.Fields(*s), " ")
		line("extra."+key, s, MaxExtra)
	})
	return b, faults
}

// extra keeps the texts of the notices that a unit has a word in, without empty ones.
func (r BrandRules) extra(texts map[string]string, clean func(key string, s *string)) map[string]string {
	kinds := mail.LetterNotices[:]
	if r.Root {
		kinds = slices.Concat(kinds, mail.AccountNotices[:])
	}
	out := map[string]string{}
	for _, k := range kinds {
		for _, l := range r.Languages {
			key := mail.ExtraKey(k, l)
			s := texts[key]
			if clean(key, &s); s != "" {
				out[key] = s
			}
		}
	}
	return out
}

// foreign returns what in a text a mail program would turn into a link to somebody
// else's, and "" if there is nothing.
func (r BrandRules) foreign(s string) string {
	if at := numeric.FindString(s); at != "" {
		return at
	}
	hosts := hostLike.FindAllString(s, -1)
	for _, h := range hosts {
		plain := strings.ToLower(strings.NewReplacer("。", ".", "．", ".", "｡", ".").Replace(h))
		if !slices.Contains(abbreviations, plain) && !r.Ours(plain) {
			return h
		}
	}
	if at := schemes.FindString(s); at != "" && len(hosts) == 0 {
		return at
	}
	return ""
}

func (r BrandRules) web(s string) bool {
	u, err := url.Parse("https://" + s)
	return err == nil && utf8.RuneCountInString(s) <= MaxWeb && u.User == nil && u.Port() == "" && u.RawQuery == "" && u.Fragment == "" &&
		!tooLong(s, MaxWeb) && !strings.ContainsAny(s, " \\") && r.Ours(strings.ToLower(u.Hostname()))
}

// tidy takes blanks off the ends of lines, and the empty ones at both ends.
func tidy(s string) string {
	var lines []string
	for l := range strings.SplitSeq(strings.ReplaceAll(s, "\r\n", "\n"), "\n") {
		lines = append(lines, strings.TrimSpace(l))
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

// SetBase says what the root shows where it says nothing itself.
func (t *Tree) SetBase(b mail.Brand) { t.base = b }

// PutBrand notes what a unit says of itself; nothing, if the brand is empty.
func (t *Tree) PutBrand(unit ID, b mail.Brand) {
	if b.IsZero() {
		delete(t.brands, unit)
		return
	}
	b.Logo = b.Logo.Named()
	t.brands[unit] = &b
}

// Brand returns what a unit says of itself.
func (t *Tree) Brand(unit ID) mail.Brand {
	if b := t.brands[unit]; b != nil {
		return *b
	}
	return mail.Brand{}
}

// Look returns what a unit shows: for each field what it says itself, or the next unit
// above it that says anything, or the configuration. A group of outsiders shows the
// organisation alone: what they write, none of its departments says.
func (t *Tree) Look(unit ID) mail.Look { return t.LookWith(unit, t.Brand(unit)) }

// LookWith is Look if a unit said this.
func (t *Tree) LookWith(unit ID, says mail.Brand) mail.Look {
	if t.units[unit] == nil {
		unit, says = mail.RootUnit, t.Brand(mail.RootUnit)
	}
	var look, house mail.Look
	for _, u := range t.Path(unit) {
		b := t.Brand(u.ID)
		if u.ID == unit {
			b = says
		}
		if u.ID == mail.RootUnit {
			look.Brand = t.rootBrand(b)
			look.House = look.Name
			house = look
		} else if !b.HouseOnly {
			look.Brand = b.Over(look.Brand)
		}
		if b.HouseOnly || u.Kind == mail.Group { // the units between tell nearly as much
			house.Sender = ""
			return house
		}
	}
	return look
}

// LookOfHouse returns how the organisation shows itself where nobody of it speaks: to
// strangers, and to its own people. The configuration's sender is the one that letters come
// from as long as no department has a name of its own; then it would be somebody else's.
func (t *Tree) LookOfHouse() mail.Look {
	l := t.Look(mail.RootUnit)
	if t.Brand(mail.RootUnit).Sender != "" {
		return l
	}
	for id, b := range t.brands {
		if id != mail.RootUnit && (b.Name != "" || b.Sender != "") {
			l.Sender = ""
		}
	}
	return l
}

// rootBrand is what the organisation itself shows. Its name is no sender's: the
// configuration names one.
func (t *Tree) rootBrand(b mail.Brand) mail.Brand {
	sender := cmp.Or(b.Sender, t.base.Sender)
	b = b.Over(t.base)
	b.Sender = sender
	return b
}

// Above returns what a unit shows where it says nothing itself, and by field which unit
// says so. What no unit says stands in the configuration.
func (t *Tree) Above(unit ID) (look mail.Look, from map[string]Unit) {
	from = map[string]Unit{}
	path := t.Path(unit)
	if len(path) == 0 {
		return look, from
	}
	for _, u := range path[:len(path)-1] {
		for field, value := range t.Brand(u.ID).Fields() {
			if value != "" {
				from[field] = u
			}
		}
	}
	return t.LookWith(unit, mail.Brand{}), from
}

// HiddenBy returns the unit, at another one or above it, that shows the house alone.
func (t *Tree) HiddenBy(unit ID) (Unit, bool) {
	for _, u := range t.Path(unit) {
		if t.Brand(u.ID).HouseOnly {
			return u, true
		}
	}
	return Unit{}, false
}

// UnitOf returns the unit in whose name an owner writes, a person or a function mailbox.
// It is the root for whom the tree does not know.
func (t *Tree) UnitOf(owner ID) ID {
	if m := t.boxes.all[owner]; m != nil {
		return m.Unit
	}
	if t.people[owner] == nil {
		return mail.RootUnit
	}
	return t.Home(owner)
}

// LogoNamed returns the logo that has a name, if any unit shows it.
func (t *Tree) LogoNamed(name string) (mail.Logo, bool) {
	for _, b := range t.brands {
		if !b.Logo.IsZero() && b.Logo.Name == name {
			return b.Logo, true
		}
	}
	return mail.Logo{}, false
}
