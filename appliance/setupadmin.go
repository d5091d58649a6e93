package appliance

import (
	"context"
	"slices"
	"strings"

	"sigill/appliance/access"
	"sigill/appliance/door/wizard"
	"sigill/appliance/mail"
	"sigill/appliance/office"
)

// CheckAdministrator holds who is to be the first administrator against the rules. The errors
// for people are Invalid.
func (s *setup) CheckAdministrator(n wizard.Administrator) error {
	if !slices.ContainsFunc(s.a.c.House.Domains, func(d string) bool { return strings.EqualFold(d, n.Address.Domain()) }) {
		return mail.E(mail.Invalid, "error.setup.domain", nil).Tell("Domain", s.a.c.House.Domains[0])
	}
	return s.a.office.CheckPassword(n.Password, mail.Profile{Address: n.Address, Name: n.Name})
}

// MakeAdministrator makes the first administrator, with the second factor that was shown to be
// theirs. From then on the set-up is theirs alone. Denied: there is one by now.
func (s *setup) MakeAdministrator(ctx context.Context, n wizard.Administrator, f access.NewFactor) (mail.Person, error) {
	s.acts.Lock()
	defer s.acts.Unlock()
	if err := s.CheckAdministrator(n); err != nil {
		return mail.Person{}, err
	}
	guarded, err := s.Guarded(ctx)
	if err != nil {
		return mail.Person{}, err
	}
	if guarded {
		return mail.Person{}, mail.E(mail.Denied, "error.setup.guarded", nil)
	}
	profile := mail.Profile{Address: n.Address, Name: n.Name, Lang: n.Lang}
	p, err := s.a.office.Make(ctx, office.NewPerson{Profile: profile, Roles: mail.RoleAdmin, Password: n.Password})
	if err != nil {
		return p, err
	}
	l, there, err := s.a.office.Login(ctx, p.Lookup)
	if err != nil {
		return p, err
	}
	// Whoever was there before, without a second factor, is not made an administrator by the
	// set-up: Make has left their password as it was.
	if !there || p.Roles&mail.RoleAdmin == 0 {
		return p, mail.E(mail.Invalid, "error.setup.person", nil)
	}
	if _, err := s.a.office.SetFactor(ctx, access.Owner{Person: p, Lock: l.Box}, f); err != nil {
		return p, err
	}
	if err := s.set(ctx, settingBrowser, "", settingCode, ""); err != nil {
		return p, err
	}
	return p, s.mark(ctx, mail.Actor{Kind: mail.ActorAdmin, ID: p.ID}, wizard.Admin, wizard.Done)
}
