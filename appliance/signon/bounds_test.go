package signon_test

import (
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/signon"
)

// paths are where the issuer is asked, with what the operator is told is at fault.
var paths = []string{"/.well-known/openid-configuration", "/token", "/keys", "/userinfo"}

// asks makes an issuer that is asked for all of them.
func asks(t *testing.T) *op {
	o := newOP(t)
	o.userinfo, o.claims["email"] = map[string]any{"sub": "u-17", "email": "m.ek@kommun.example", "email_verified": true}, nil
	if _, err := o.signIn(o.provider(), signon.Ask{}); err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		if o.times(path) != 1 {
			t.Fatalf("asked %v", o.asked)
		}
	}
	return o
}

func TestBounds(t *testing.T) {
	for _, path := range paths {
		for name, answer := range map[string]http.HandlerFunc{
			"without end": func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				for r.Context().Err() == nil {
					if _, err := io.WriteString(w, `{"access_token":"canary",`+strings.Repeat(" ", 1<<16)); err != nil {
						return
					}
				}
			},
			"that unpacks without end": func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				w.Header().Set("Content-Encoding", "gzip")
				z := gzip.NewWriter(w)
				io.WriteString(z, `{"canary":"`)
				for range 1000 {
					io.WriteString(z, strings.Repeat("a", 1<<16))
				}
				z.Close()
			},
			"with a head without end": func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("X-Canary", strings.Repeat("canary", 10000))
			},
		} {
			t.Run("an answer "+name+" at "+path+" is cut off", func(t *testing.T) {
				o := asks(t)
				o.misbehave[path] = answer
				_, err := o.signIn(o.provider(), signon.Ask{})
				want(t, err, mail.Again, "error.signon.down")
			})
		}
		t.Run("an answer at "+path+" that does not come is not waited for", func(t *testing.T) {
			o := asks(t)
			done := make(chan struct{})
			o.server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == path {
					w.WriteHeader(http.StatusOK)
					w.(http.Flusher).Flush() // the head comes, and then nothing
					<-done
					return
				}
				o.ServeHTTP(w, r)
			})
			defer close(done)
			_, err := o.signIn(o.provider(func(c *signon.Config) { c.Patience = 200 * time.Millisecond }), signon.Ask{})
			want(t, err, mail.Again, "error.signon.down")
		})
		t.Run("a redirect at "+path+" is not followed", func(t *testing.T) {
			var caught atomic.Bool
			elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { caught.Store(true) }))
			defer elsewhere.Close()
			for _, status := range []int{http.StatusFound, http.StatusTemporaryRedirect} {
				o := asks(t)
				o.misbehave[path] = func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL, status) }
				if _, err := o.signIn(o.provider(), signon.Ask{}); err == nil || caught.Load() {
					t.Errorf("%v, followed: %v", err, caught.Load())
				}
			}
		})
	}
	t.Run("an answer as large as may be is read", func(t *testing.T) {
		o := newOP(t)
		o.claims["groups"] = strings.Repeat("g", 150<<10)
		if _, err := o.signIn(o.provider(), signon.Ask{}); err != nil {
			t.Error(err)
		}
		o.claims["groups"] = strings.Repeat("g", 200<<10) // 267 KiB in base64
		_, err := o.signIn(o.provider(), signon.Ask{})
		want(t, err, mail.Again, "error.signon.down")
	})
}

func TestDown(t *testing.T) {
	const discovery = "/.well-known/openid-configuration"
	t.Run("an issuer that cannot be reached is left alone for a while, and then asked again", func(t *testing.T) {
		o := newOP(t)
		p := o.provider()
		o.misbehave[discovery] = says(http.StatusServiceUnavailable, "")
		for range 5 {
			_, _, err := p.Begin(ctx, signon.Ask{})
			want(t, err, mail.Again, "error.signon.down")
		}
		if o.times(discovery) != 1 {
			t.Errorf("asked %d times", o.times(discovery))
		}
		delete(o.misbehave, discovery)
		o.clock.goes(16 * time.Second)
		if _, err := o.signIn(p, signon.Ask{}); err != nil {
			t.Error(err)
		}
	})
	t.Run("one that is not there is told", func(t *testing.T) {
		o := newOP(t)
		p := o.provider()
		o.server.Close()
		_, _, err := p.Begin(ctx, signon.Ask{})
		want(t, err, mail.Again, "error.signon.down")
	})
	t.Run("one that has moved is followed after a day, and one that is down then is not missed", func(t *testing.T) {
		o := newOP(t)
		p := o.provider()
		signsIn := func(asked int) {
			t.Helper()
			if _, err := o.signIn(p, signon.Ask{}); err != nil || o.times(discovery) != asked {
				t.Errorf("%v, asked %d times", err, o.times(discovery))
			}
		}
		signsIn(1)
		o.clock.goes(23 * time.Hour)
		signsIn(1)
		o.clock.goes(2 * time.Hour)
		o.misbehave[discovery] = says(http.StatusServiceUnavailable, "")
		signsIn(2)
		signsIn(2)
		delete(o.misbehave, discovery)
		o.misbehave["/token"] = says(http.StatusGone, "")
		o.metadata["token_endpoint"] = o.server.URL + "/token/"
		o.server.Config.Handler = moved(o)
		o.clock.goes(time.Minute)
		signsIn(3)
	})
	t.Run("who goes away meanwhile does not keep others from signing in", func(t *testing.T) {
		o := newOP(t)
		gone, cancel := context.WithCancel(ctx)
		cancel()
		if _, _, err := o.provider().Begin(gone, signon.Ask{}); err != nil {
			t.Error(err)
		}
	})
	t.Run("of many at once one asks for all", func(t *testing.T) {
		o := newOP(t)
		p := o.provider()
		errs := make(chan error)
		for range 10 {
			go func() {
				_, _, err := p.Begin(ctx, signon.Ask{})
				errs <- err
			}()
		}
		for range 10 {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
		if o.times(discovery) != 1 {
			t.Errorf("asked %d times", o.times(discovery))
		}
	})
}
