package web

import (
	"container/list"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// limiter holds one bucket for each visitor, the least recently seen forgotten
// first: a crowd of addresses costs bounded memory.
type limiter struct {
	rate  Rate
	most  int
	mu    sync.Mutex
	order *list.List // of *bucket, most recent first
	by    map[string]*list.Element
}

type bucket struct {
	key string
	l   *rate.Limiter
}

func newLimiter(r Rate) *limiter {
	return &limiter{rate: r, most: 8192, order: list.New(), by: map[string]*list.Element{}}
}

// wait returns 0 if the visitor may go on, or how long to wait.
func (l *limiter) wait(key string, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	e, ok := l.by[key]
	if !ok {
		if l.order.Len() >= l.most {
			old := l.order.Back()
			delete(l.by, l.order.Remove(old).(*bucket).key)
		}
		e = l.order.PushFront(&bucket{key, rate.NewLimiter(rate.Limit(float64(l.rate.PerMinute)/60), l.rate.Burst)})
		l.by[key] = e
	}
	l.order.MoveToFront(e)
	r := e.Value.(*bucket).l.ReserveN(now, 1)
	d := r.DelayFrom(now)
	if d > 0 {
		r.CancelAt(now)
	}
	return d
}
