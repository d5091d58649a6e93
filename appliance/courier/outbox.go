package courier

import (
	"context"
	"time"

	"sigill/appliance/mail"
)

// Outbox is where the notices wait. The desk implements it. All methods may be
// called from one goroutine only at a time, which the Courier does.
type Outbox interface {
	// Next returns up to n jobs whose time has come, the longest waiting first,
	// opened. It may return jobs again that it returned before and that were not
	// settled; the Courier knows which it is carrying.
	Next(ctx context.Context, now time.Time, n int) ([]Job, error)
	// Wake tells that there is something new.
	Wake() <-chan struct{}
	// Sent settles a job: the next server has taken it. The key of its payload is
	// erased now. Detail is such as "250 2.0.0".
	Sent(ctx context.Context, id mail.ID, detail string) error
	// Delayed puts a job off.
	Delayed(ctx context.Context, id mail.ID, next time.Time, detail string) error
	// Failed settles a job that will never go. The desk tells the sender.
	Failed(ctx context.Context, id mail.ID, detail string) error
}

// Job is one notice that is due.
type Job struct {
	ID      mail.ID
	Notice  mail.Notice
	Tries   int // made so far
	At      time.Time
	Expires time.Time
	Bounce  [16]byte // stands in the return address
}

// Words makes a mail of a notice: RFC 5322, CRLF, 7 bit but for addresses that
// are not ASCII. notify implements it.
type Words interface {
	Mail(ctx context.Context, n mail.Notice, p mail.Posting) ([]byte, error)
}

// The details that are not numbers of a peer. They are ours and may be shown.
const (
	DetailExpired     = "5.4.7"         // RFC 3463, 3.5: delivery time expired
	DetailAddress     = "553 5.6.7"     // RFC 6531, 3.5: the next server cannot take such an address
	DetailWords       = "words"         // our own fault: the notice could not be worded
	DetailNetwork     = "network"       // no connection, or it broke
	DetailNoTLS       = "tls.missing"   // STARTTLS is not offered
	DetailCertificate = "tls.untrusted" // the certificate does not prove the name
	DetailTLS         = "tls"           // no common protocol, or broken within the handshake
	DetailInjected    = "tls.injected"  // words behind STARTTLS that came outside of TLS
	DetailNoAuth      = "auth.missing"  // AUTH is not offered
	DetailProtocol    = "protocol"      // what came was not SMTP
)

// backoff is the pause after the first, second … try; the last one repeats.
var backoff = [...]time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour}

// next returns when a job that has been tried in vain is tried again. ok is false
// if its time is over by then. The last try is made just before the end, so that
// a long pause never wastes the rest of a notice's time.
func (j Job) next(now time.Time) (at time.Time, ok bool) {
	pause := backoff[min(max(j.Tries, 0), len(backoff)-1)]
	// Up to a tenth more, by the id: a thousand notices that were put off in one
	// minute do not come back in one second.
	pause += time.Duration(j.ID[0]) * pause / (10 * 256)
	at = now.Add(pause)
	if j.Expires.IsZero() || at.Before(j.Expires) {
		return at, true
	}
	last := j.Expires.Add(-time.Minute)
	return last, last.Sub(now) > time.Minute
}
