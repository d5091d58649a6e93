package directory

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-ldap/ldap/v3"

	"sigill/appliance/mail"
)

// session is a connection on which somebody is signed in.
type session struct {
	ctx  context.Context
	conn *ldap.Conn
	raw  *bounded
	base string
	stop func() bool
}

// open connects, goes over to TLS, and signs in.
func (d *Directory) open(ctx context.Context) (*session, error) {
	dialer := net.Dialer{Timeout: pageTime}
	c, err := dialer.DialContext(ctx, "tcp", d.addr)
	if err != nil {
		return nil, unreachable(err)
	}
	raw := &bounded{Conn: c}
	s := &session{ctx: ctx, raw: raw, base: d.c.Base}
	// Whatever waits on the connection ends with ctx: the library has no contexts.
	s.stop = context.AfterFunc(ctx, func() { c.Close() })
	if err := s.begin(d); err != nil {
		s.stop()
		c.Close()
		return nil, s.because(err)
	}
	return s, nil
}

func (s *session) begin(d *Directory) error {
	// Whoever answers may be anybody yet.
	s.raw.allow(firstBytes)
	// A handshake is no request, and has no time limit of its own in the library.
	hands := time.AfterFunc(pageTime, func() { s.raw.Close() })
	defer hands.Stop()
	if d.tls != nil && !d.c.StartTLS {
		c := tls.Client(s.raw, d.tls)
		if err := c.HandshakeContext(s.ctx); err != nil {
			return untrusted(err)
		}
		s.start(c, true)
	} else {
		s.start(s.raw, false)
	}
	if d.c.StartTLS {
		if err := s.conn.StartTLS(d.tls); err != nil {
			return untrusted(err)
		}
	}
	var err error
	if d.c.BindDN != "" {
		err = s.conn.Bind(d.c.BindDN, d.c.Password)
	}
	if err != nil && ldap.IsErrorAnyOf(err, ldap.LDAPResultInvalidCredentials, ldap.LDAPResultNoSuchObject, ldap.LDAPResultInvalidDNSyntax, ldap.LDAPResultInappropriateAuthentication, ldap.LDAPResultUnwillingToPerform) {
		return mail.E(mail.Invalid, "error.directory.bind", result(err))
	}
	return answer(err)
}

func (s *session) start(c net.Conn, isTLS bool) {
	s.conn = ldap.NewConn(c, isTLS)
	s.conn.SetTimeout(pageTime)
	s.conn.Start()
}

func (s *session) close() {
	s.stop()
	s.raw.Close() // first: closing the library's side would wait for who does not answer
	s.conn.Close()
}

// because says that time is up, if that is why something failed.
func (s *session) because(err error) error {
	if errors.Is(s.ctx.Err(), context.DeadlineExceeded) {
		return mail.E(mail.Again, "error.directory.slow", errors.New("it took too long in all"))
	}
	if s.ctx.Err() != nil {
		return s.ctx.Err()
	}
	if s.raw.over() {
		return mail.E(mail.TooLarge, "error.directory.large", errors.New("an answer is too long"))
	}
	return err
}

// search gives each entry that a filter finds below the base to each. Referrals to other
// servers are not followed: the password is for this one.
func (s *session) search(filter string, attributes []string, each func(*ldap.Entry) error) error {
	page := ldap.NewControlPaging(pageSize)
	r := ldap.NewSearchRequest(s.base, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 0, int(pageTime/time.Second), false, filter, attributes, []ldap.Control{page})
	entries, paged := 0, false
	for range maxPages {
		s.raw.allow(pageBytes)
		res, err := s.conn.Search(r)
		if ldap.IsErrorAnyOf(err, ldap.LDAPResultUnavailableCriticalExtension) && len(r.Controls) > 0 && entries == 0 {
			r.Controls = nil // it knows no pages, and says so
			continue
		}
		if err != nil {
			return s.because(answer(err))
		}
		if slices.ContainsFunc(res.Referrals, elsewhere) {
			return mail.E(mail.Invalid, "error.directory.elsewhere", errors.New("a reference to another server"))
		}
		if entries += len(res.Entries); entries > MaxEntries {
			return mail.E(mail.TooLarge, "error.directory.many", fmt.Errorf("more than %d entries", MaxEntries))
		}
		for _, e := range res.Entries {
			if err := each(e); err != nil {
				return err
			}
		}
		next, ok := ldap.FindControl(res.Controls, ldap.ControlTypePaging).(*ldap.ControlPaging)
		// Something on the way that drops the control would make one page look like all.
		if !ok && (paged || len(r.Controls) > 0 && len(res.Entries) == pageSize) {
			return mail.E(mail.Invalid, "error.directory.part", errors.New("a full page without the control of pages"))
		}
		if !ok || len(next.Cookie) == 0 {
			return s.because(nil)
		}
		paged = true
		page.SetCookie(next.Cookie)
	}
	return mail.E(mail.TooLarge, "error.directory.many", errors.New("too many pages"))
}

// elsewhere reports whether a reference stands for people on another server: what is below
// it is not read, and they would look as if they had left. Active Directory's own beside
// the domain hold none.
func elsewhere(reference string) bool {
	u, err := url.Parse(reference)
	if err != nil {
		return true
	}
	dn, err := ldap.ParseDN(strings.TrimPrefix(u.Path, "/"))
	if err != nil || len(dn.RDNs) == 0 {
		return true
	}
	first := strings.ToLower(dn.RDNs[0].String())
	return first != "dc=forestdnszones" && first != "dc=domaindnszones" && first != "cn=configuration"
}

// unreachable is the error of a connection that does not come about.
func unreachable(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err
	}
	return mail.E(mail.Again, "error.directory.reach", err)
}

// untrusted is the error of a handshake.
func untrusted(err error) error {
	// After StartTLS the library keeps the words of an error and not its kind.
	if strings.Contains(err.Error(), "x509:") {
		return mail.E(mail.Invalid, "error.directory.certificate", err)
	}
	return mail.E(mail.Again, "error.directory.tls", errors.New("the TLS handshake failed"))
}

// answer is the error of a request.
func answer(err error) error {
	switch {
	case err == nil:
		return nil
	case ldap.IsErrorAnyOf(err, ldap.LDAPResultNoSuchObject, ldap.LDAPResultReferral):
		return mail.E(mail.Invalid, "error.directory.base", result(err))
	case ldap.IsErrorAnyOf(err, ldap.LDAPResultInsufficientAccessRights, ldap.LDAPResultInvalidCredentials, ldap.LDAPResultStrongAuthRequired, ldap.LDAPResultConfidentialityRequired, ldap.LDAPResultOperationsError):
		return mail.E(mail.Invalid, "error.directory.bind", result(err))
	case ldap.IsErrorAnyOf(err, ldap.LDAPResultSizeLimitExceeded, ldap.LDAPResultAdminLimitExceeded):
		return mail.E(mail.TooLarge, "error.directory.limit", result(err))
	case strings.Contains(err.Error(), "greater than maximum"): // the library keeps no kind of it
		return mail.E(mail.TooLarge, "error.directory.large", errors.New("an entry is too long"))
	case ldap.IsErrorAnyOf(err, ldap.LDAPResultTimeLimitExceeded):
		return mail.E(mail.Again, "error.directory.slow", result(err))
	}
	return mail.E(mail.Again, "error.directory.broke", result(err))
}

// result is what the operator may read of an error of the library's: its code. The text
// beside it is the server's, which may name people.
func result(err error) error {
	var e *ldap.Error
	if errors.As(err, &e) {
		return fmt.Errorf("LDAP result %d, %s", e.ResultCode, ldap.LDAPResultCodeMap[e.ResultCode])
	}
	return errors.New("the answer broke off, or could not be read")
}

// bounded is a connection that gives no more than is allowed: the library would take an
// answer of any length.
type bounded struct {
	net.Conn
	left atomic.Int64
	past atomic.Bool
}

func (b *bounded) allow(n int64) { b.left.Store(n) }
func (b *bounded) over() bool    { return b.past.Load() }

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.Conn.Read(p)
	if b.left.Add(-int64(n)) < 0 {
		b.past.Store(true)
		return 0, errors.New("too long an answer")
	}
	return n, err
}
