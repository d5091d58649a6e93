package appliance

import (
	"sync"
	"time"

	"sigill/appliance/mail"
)

// outage remembers since when nothing goes through the SMS gateways. It is in memory: after
// a restart the next PIN shows how it is.
type outage struct {
	clock mail.Clock

	mu    sync.Mutex
	fails int       // in a row
	first time.Time // of them
}

// manyFail is how many in a row are more than a number that is wrong.
const manyFail = 3

// heard says whether a gateway has taken an SMS.
func (o *outage) heard(went bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case went:
		o.fails = 0
	case o.fails == 0:
		o.fails, o.first = 1, o.clock.Now()
	default:
		o.fails++
	}
}

// since returns when they began to fail; the zero time if they do not.
func (o *outage) since() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.fails < manyFail {
		return time.Time{}
	}
	return o.first
}
