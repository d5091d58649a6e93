package signon_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/signon"
)

func TestAnswer(t *testing.T) {
	// finish signs in with an answer that somebody has changed on its way.
	finish := func(o *op, p *signon.Provider, change func(*signon.Answer)) error {
		t.Helper()
		address, w, err := p.Begin(ctx, signon.Ask{})
		if err != nil {
			t.Fatal(err)
		}
		a := o.authorize(address)
		change(&a)
		_, err = p.Finish(ctx, w, a)
		return err
	}
	for name, c := range map[string]struct {
		change func(*signon.Answer)
		kind   mail.Kind
		say    string
	}{
		"another state":                       {func(a *signon.Answer) { a.State = strings.Repeat("A", len(a.State)) }, mail.Denied, "wrong"},
		"no state":                            {func(a *signon.Answer) { a.State = "" }, mail.Denied, "wrong"},
		"half a state":                        {func(a *signon.Answer) { a.State = a.State[:10] }, mail.Denied, "wrong"},
		"another issuer's name":               {func(a *signon.Answer) { a.Issuer = "https://evil.example" }, mail.Denied, "wrong"},
		"no issuer, where it promises to say": {func(a *signon.Answer) { a.Issuer = "" }, mail.Denied, "wrong"},
		"no code":                             {func(a *signon.Answer) { a.Code = "" }, mail.Denied, "wrong"},
		"another code":                        {func(a *signon.Answer) { a.Code = "canary" }, mail.Denied, "wrong"},
		"a code beyond all measure":           {func(a *signon.Answer) { a.Code = strings.Repeat("x", 9<<10) }, mail.Denied, "wrong"},
		"a state beyond all measure":          {func(a *signon.Answer) { a.State = strings.Repeat("x", 201) }, mail.Denied, "wrong"},
		"an issuer beyond all measure":        {func(a *signon.Answer) { a.Issuer = strings.Repeat("x", 1001) }, mail.Denied, "wrong"},
		"an error beyond all measure":         {func(a *signon.Answer) { a.Error = strings.Repeat("x", 1001) }, mail.Denied, "wrong"},
		"that people said no":                 {func(a *signon.Answer) { a.Error = "access_denied" }, mail.Denied, "cancelled"},
		"that they would have to show more":   {func(a *signon.Answer) { a.Error = "unmet_authentication_requirements" }, mail.Denied, "level"},
		"that the issuer is busy":             {func(a *signon.Answer) { a.Error = "temporarily_unavailable" }, mail.Again, "down"},
		"that we ask for what is not there":   {func(a *signon.Answer) { a.Error = "invalid_scope" }, mail.Internal, "setup"},
		"an error that nobody knows":          {func(a *signon.Answer) { a.Error = "canary" }, mail.Denied, "cancelled"},
		"an error with the state of another":  {func(a *signon.Answer) { a.Error, a.State = "access_denied", "x" }, mail.Denied, "wrong"},
		"an error in the name of another":     {func(a *signon.Answer) { a.Error, a.Issuer = "access_denied", "https://evil.example" }, mail.Denied, "wrong"},
	} {
		t.Run(name+" is refused, and only a code for us is given away", func(t *testing.T) {
			o := newOP(t)
			want(t, finish(o, o.provider(), c.change), c.kind, "error.signon."+c.say)
			if name != "another code" && o.times("/token") != 0 {
				t.Error("the issuer was asked")
			}
		})
	}
	t.Run("an issuer that promises no name need not give one, and may not give another's", func(t *testing.T) {
		o := newOP(t)
		o.metadata["authorization_response_iss_parameter_supported"] = false
		p := o.provider()
		for _, own := range []string{"", o.server.URL} {
			if err := finish(o, p, func(a *signon.Answer) { a.Issuer = own }); err != nil {
				t.Error(err)
			}
		}
		want(t, finish(o, p, func(a *signon.Answer) { a.Issuer = "https://evil.example" }), mail.Denied, "error.signon.wrong")
	})
	t.Run("a code is good once", func(t *testing.T) {
		o := newOP(t)
		p := o.provider()
		address, w, err := p.Begin(ctx, signon.Ask{})
		if err != nil {
			t.Fatal(err)
		}
		a := o.authorize(address)
		if _, err := p.Finish(ctx, w, a); err != nil {
			t.Fatal(err)
		}
		_, err = p.Finish(ctx, w, a)
		want(t, err, mail.Denied, "error.signon.wrong")
	})
	t.Run("who has another's code has not its verifier, nor the token its nonce", func(t *testing.T) {
		o := newOP(t)
		p := o.provider()
		theirs, _, err := p.Begin(ctx, signon.Ask{})
		if err != nil {
			t.Fatal(err)
		}
		ours, w, err := p.Begin(ctx, signon.Ask{})
		if err != nil {
			t.Fatal(err)
		}
		stolen, a := o.authorize(theirs), o.authorize(ours)
		a.Code = stolen.Code
		_, err = p.Finish(ctx, w, a)
		want(t, err, mail.Denied, "error.signon.wrong")
		if o.used[a.Code] {
			t.Error("the issuer took it")
		}
		o.careless = true
		_, err = p.Finish(ctx, w, a)
		want(t, err, mail.Denied, "error.signon.wrong")
		if !o.used[a.Code] {
			t.Error("the issuer did not take it")
		}
	})
	t.Run("nobody waits for an answer longer than ten minutes, however the wall is set", func(t *testing.T) {
		for _, c := range []struct {
			goes, set time.Duration
			say       string
		}{{signon.Waits, 0, ""}, {signon.Waits + time.Second, 0, "late"}, {signon.Waits + time.Second, -time.Hour, "late"}} {
			o := newOP(t)
			p := o.provider()
			address, w, err := p.Begin(ctx, signon.Ask{})
			if err != nil {
				t.Fatal(err)
			}
			o.clock.goes(c.goes)
			o.clock.isSet(c.set)
			_, err = p.Finish(ctx, w, o.authorize(address))
			if c.say == "" && err != nil {
				t.Error(err)
			}
			if c.say != "" {
				want(t, err, mail.Denied, "error.signon."+c.say)
			}
		}
	})
	t.Run("an answer to no question is refused, also one with nothing in it", func(t *testing.T) {
		o := newOP(t)
		_, err := o.provider().Finish(ctx, signon.Waiting{}, signon.Answer{Code: "x", Issuer: o.server.URL})
		want(t, err, mail.Denied, "error.signon.late")
		if len(o.asked) != 0 {
			t.Errorf("asked %v", o.asked)
		}
	})
}

func TestAccepted(t *testing.T) {
	for name, c := range map[string]struct {
		claims map[string]any
		config func(*signon.Config)
		fresh  bool
	}{
		"a token for us among others":              {claims: map[string]any{"aud": []string{"other", client}, "azp": client}},
		"clocks that are a minute apart":           {claims: map[string]any{"iat": start.Add(59 * time.Second).Unix(), "exp": start.Add(-59 * time.Second).Unix(), "auth_time": start.Add(59 * time.Second).Unix()}},
		"and the other way":                        {claims: map[string]any{"iat": start.Add(-59 * time.Second).Unix(), "auth_time": start.Add(-59 * time.Second).Unix()}, fresh: true},
		"one of the acr that were asked for":       {claims: map[string]any{"acr": "higher"}, config: wantsACR},
		"a required claim":                         {claims: map[string]any{"tid": "house"}, config: wantsTenant},
		"a required claim among others":            {claims: map[string]any{"tid": []any{"a", 5, "house"}}, config: wantsTenant},
		"a required claim that is true":            {claims: map[string]any{"xms_edov": true}, config: func(c *signon.Config) { c.Require = map[string]string{"xms_edov": "true"} }},
		"a required claim that is a number":        {claims: map[string]any{"xms_edov": 1}, config: func(c *signon.Config) { c.Require = map[string]string{"xms_edov": "1"} }},
		"an unverified email, where that is taken": {claims: map[string]any{"email_verified": nil}, config: func(c *signon.Config) { c.Unverified = true }},
		"people who have shown themselves anew":    {claims: map[string]any{"auth_time": "2026-11-22T09:00:00Z"}, fresh: true},
		"a moment with a fraction":                 {claims: map[string]any{"iat": float64(start.Unix()) + 0.5}},
	} {
		t.Run(name+" will do", func(t *testing.T) {
			o := newOP(t)
			o.claims = c.claims
			p := o.provider(func(cfg *signon.Config) {
				if c.config != nil {
					c.config(cfg)
				}
			})
			if id, err := o.signIn(p, signon.Ask{Fresh: c.fresh}); err != nil || id.Subject != "u-17" {
				t.Errorf("%+v %v", id, err)
			}
		})
	}
	t.Run("people who were signed in there already are not fresh, also on a clock that was turned", func(t *testing.T) {
		o := newOP(t)
		p := o.provider()
		o.claims["auth_time"] = start.Unix()
		o.clock.goes(8 * time.Hour)
		if id, err := o.signIn(p, signon.Ask{}); err != nil || !id.AuthTime.Equal(start) {
			t.Errorf("%+v %v", id, err)
		}
		_, err := o.signIn(p, signon.Ask{Fresh: true})
		want(t, err, mail.Denied, "error.signon.fresh")
	})
	t.Run("the appliance's clock counts, not the computer's", func(t *testing.T) {
		o := newOP(t)
		o.clock.isSet(30 * 365 * 24 * time.Hour)
		if _, err := o.signIn(o.provider(), signon.Ask{Fresh: true}); err != nil {
			t.Error(err)
		}
	})
}

func TestUserInfo(t *testing.T) {
	about := func(sub string) map[string]any {
		return map[string]any{"sub": sub, "email": "m.ek@kommun.example", "email_verified": true, "name": "M. Ek", "tid": "house", "nonce": "x"}
	}
	t.Run("what the ID token leaves out is asked for", func(t *testing.T) {
		o := newOP(t)
		o.userinfo, o.claims["email"], o.claims["name"] = about("u-17"), nil, nil
		id, err := o.signIn(o.provider(), signon.Ask{})
		if err != nil || id.Address != "m.ek@kommun.example" || id.Name != "M. Ek" {
			t.Errorf("%+v %v", id, err)
		}
	})
	t.Run("and what it says is not", func(t *testing.T) {
		o := newOP(t)
		o.userinfo = about("u-17")
		if id, err := o.signIn(o.provider(), signon.Ask{}); err != nil || id.Name != "Maria Ek" || o.times("/userinfo") != 0 {
			t.Errorf("%+v %v", id, err)
		}
	})
	t.Run("that the ID token's email is verified says nothing of another one", func(t *testing.T) {
		o := newOP(t)
		o.userinfo, o.claims["email"] = about("u-17"), nil
		delete(o.userinfo, "email_verified")
		_, err := o.signIn(o.provider(), signon.Ask{})
		want(t, err, mail.Denied, "error.signon.address")
	})
	t.Run("a required claim must be signed", func(t *testing.T) {
		o := newOP(t)
		o.userinfo, o.claims["email"] = about("u-17"), nil
		_, err := o.signIn(o.provider(wantsTenant), signon.Ask{})
		want(t, err, mail.Denied, "error.signon.account")
	})
	for name, c := range map[string]struct {
		bad  func(*op)
		kind mail.Kind
		say  string
	}{
		"of another subject": {func(o *op) { o.userinfo = about("u-18") }, mail.Denied, "wrong"},
		"of no subject":      {func(o *op) { delete(o.userinfo, "sub") }, mail.Denied, "wrong"},
		"that is none":       {func(o *op) { o.misbehave["/userinfo"] = says(http.StatusOK, "canary") }, mail.Again, "down"},
		"that is refused":    {func(o *op) { o.misbehave["/userinfo"] = says(http.StatusForbidden, "canary") }, mail.Again, "down"},
		"in the clear":       {func(o *op) { o.metadata["userinfo_endpoint"] = "http://idp.example/" }, mail.Again, "down"},
	} {
		t.Run("userinfo "+name+" is refused", func(t *testing.T) {
			o := newOP(t)
			o.userinfo, o.claims["email"] = about("u-17"), nil
			c.bad(o)
			_, err := o.signIn(o.provider(), signon.Ask{})
			want(t, err, c.kind, "error.signon."+c.say)
		})
	}
}
