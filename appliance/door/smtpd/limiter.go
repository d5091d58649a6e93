package smtpd

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// network is what counts as one stranger: an IPv4 /24, an IPv6 /48.
func network(a netip.Addr) netip.Prefix {
	bits := 24
	if a.Is6() {
		bits = 48
	}
	p, _ := a.Prefix(bits)
	return p
}

const (
	ratePerMinute = 30   // mails to addresses of ours from one network
	rateBurst     = 60   // at once: bounces come in flocks
	rateNetworks  = 4096 // remembered; twice as many at most
)

// limiter brakes each network alone. What it remembers is bounded: when the
// young half is full it becomes the old half, and who is asked for moves back.
type limiter struct {
	mu         sync.Mutex
	young, old map[netip.Prefix]*rate.Limiter
}

// allow reports whether one more may come. now is the running time of the
// process, so that nobody gains by a clock that is set.
func (l *limiter) allow(a netip.Addr, now time.Duration) bool {
	n := network(a)
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.young[n]
	if r == nil {
		if r = l.old[n]; r == nil {
			r = rate.NewLimiter(rate.Limit(ratePerMinute)/60, rateBurst)
		}
		if len(l.young) >= rateNetworks || l.young == nil {
			l.old, l.young = l.young, make(map[netip.Prefix]*rate.Limiter)
		}
		l.young[n] = r
	}
	return r.AllowN(time.Unix(0, 0).Add(now), 1)
}

// crowd counts open connections.
type crowd struct {
	mu    sync.Mutex
	total int
	per   map[netip.Prefix]int
}

// single is what counts as one client: an IPv4 address, an IPv6 /64.
func single(a netip.Addr) netip.Prefix {
	bits := 32
	if a.Is6() {
		bits = 64
	}
	p, _ := a.Prefix(bits)
	return p
}

// enter counts a connection, if there is room in all and for this address.
func (c *crowd) enter(a netip.Addr, all, each int) (inAll, forThis bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := single(a)
	inAll, forThis = c.total < all, c.per[n] < each
	if inAll && forThis {
		if c.per == nil {
			c.per = map[netip.Prefix]int{}
		}
		c.total++
		c.per[n]++
	}
	return inAll, forThis
}

func (c *crowd) leave(a netip.Addr) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := single(a)
	c.total--
	if c.per[n]--; c.per[n] == 0 {
		delete(c.per, n)
	}
}
