package tlscert

import (
	"context"
	"net"
	"time"
)

// Try is a first certificate from an authority, for whoever sets the appliance up.
type Try struct {
	Dir      string // the Keeper's
	ACME     ACME
	Name     string // host name in small letters
	Now      time.Time
	Listener net.Listener // at port 80 of the name; it is closed
}

// Obtain gets the certificate and keeps it where a Keeper of the same directory and authority
// finds it; one that is there and not due is good. While it lasts the authority's questions
// are answered at the listener. The error is a *Trouble: what the authority has found to be
// wrong, for it alone knows how the name looks from outside.
func (t Try) Obtain(ctx context.Context) error {
	ans := newAnswers()
	t.ACME.HTTP, t.ACME.ALPN = true, false
	a := openAuthority(t.ACME, t.Dir, ans)
	if p, err := readBundle(a.path(t.Name)); err == nil && p.Leaf.VerifyHostname(t.Name) == nil && !due(p.Leaf, t.Now) {
		return t.Listener.Close()
	}
	if err := t.ACME.ready(); err != nil {
		_ = t.Listener.Close()
		return &Trouble{Why: NoAccount, Name: t.Name, Detail: line(err.Error())}
	}
	serving, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- serve(serving, t.Listener, ans, "") }()
	_, err := a.obtain(ctx, t.Name)
	stop()
	<-done // a port that could not be served shows in what the authority says
	if err != nil {
		return trouble(t.Name, err)
	}
	return nil
}

// CheckFiles reads a pair of files as a Keeper does, and holds it against a name: the same for
// who looks after their own. The error is a *Trouble.
func CheckFiles(cert, key, name string, now time.Time) error {
	s := State{Host: name}
	p, bad := (&files{cert: cert, key: key}).read()
	if bad != nil {
		bad.Name = name
		return bad
	}
	if s.judge(p.Leaf, now); s.Trouble != nil {
		return s.Trouble
	}
	return nil
}
