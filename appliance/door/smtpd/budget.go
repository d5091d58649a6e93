package smtpd

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
)

// budget is the memory that content may use in all sessions together. A mail
// weighs more than its bytes, since its parts are decoded beside it. A mail that
// would weigh a quarter of all or more goes alone, beside the small ones, so
// that one letter with a film does not stop the post.
type budget struct {
	total int64
	small *semaphore.Weighted
	large *semaphore.Weighted
	wait  time.Duration // how long a session waits for its turn
}

// weight is how many bytes of memory one byte of content costs until it is sealed.
const weight = 3

func newBudget(total int64, wait time.Duration) *budget {
	return &budget{total, semaphore.NewWeighted(total), semaphore.NewWeighted(1), wait}
}

// lease is one mail's share of the budget.
type lease struct {
	b     *budget
	held  int64
	large bool
}

// grow sees that the lease covers n bytes of content. It waits for a while if
// the memory is in use; false says that there is none now, and the lease stays
// as it was.
func (l *lease) grow(ctx context.Context, n int64) bool {
	want := n * weight
	if l.large || want <= l.held {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, l.b.wait)
	defer cancel()
	if want >= l.b.total/4 {
		if l.b.large.Acquire(ctx, 1) != nil {
			return false
		}
		l.alone()
		return true
	}
	if l.b.small.TryAcquire(want - l.held) {
		l.held = want
		return true
	}
	// Sessions that declared no size each hold a part and want more: all would wait
	// for each other. One of them goes on alone, and leaves its part to the others.
	if l.held > 0 && l.b.large.TryAcquire(1) {
		l.alone()
		return true
	}
	if l.b.small.Acquire(ctx, want-l.held) != nil {
		return false
	}
	l.held = want
	return true
}

// alone gives the share back: the mail has the place of the large one.
func (l *lease) alone() {
	l.b.small.Release(l.held)
	l.held, l.large = 0, true
}

// free gives the lease back. It may be called twice.
func (l *lease) free() {
	if l.large {
		l.b.large.Release(1)
	}
	l.b.small.Release(l.held)
	l.held, l.large = 0, false
}

// buffers are kept for the next mail, by size: a power of two from minBuffer to
// maxBuffer. Larger ones are left to the collector.
type buffers struct{ pools [9]sync.Pool }

const (
	minBuffer = 16 << 10
	maxBuffer = minBuffer << 8 // 4 MiB
)

// get returns an empty buffer of at least n bytes of room.
func (b *buffers) get(n int) []byte {
	for i := range b.pools {
		if size := minBuffer << i; n <= size {
			if p, ok := b.pools[i].Get().(*[]byte); ok {
				return (*p)[:0]
			}
			return make([]byte, 0, size)
		}
	}
	return make([]byte, 0, n)
}

// put takes a buffer back. What stood in it is overwritten: it was clear text,
// and the next to hold the buffer is another mail.
func (b *buffers) put(p []byte) {
	p = p[:cap(p)]
	for i := range b.pools {
		if cap(p) == minBuffer<<i {
			clear(p)
			b.pools[i].Put(&p)
			return
		}
	}
}
