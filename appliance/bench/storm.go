package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// storm is row 15: many sign in at once, each costing an Argon2id of 64 MiB. What
// counts is how long a page takes for somebody who is signed in already.
func (b *bench) storm(ctx context.Context) error {
	dir := filepath.Join(b.dir, "storm")
	defer os.RemoveAll(dir)
	d, err := b.startDemo(ctx, dir)
	if err != nil {
		return err
	}
	defer d.end()
	reader := newBrowser(d.Portal, nil)
	defer reader.close()
	if err := d.signIn(ctx, reader); err != nil {
		return err
	}
	var calm, loud, rate []float64
	for range b.Rounds {
		select {
		case <-time.After(2 * settle): // whoever was waiting when the last storm ended is done too
		case <-ctx.Done():
		}
		quiet, err := pageTime(ctx, reader)
		if err != nil {
			return err
		}
		n, stop := d.signIns(ctx, 8)
		busy, err := pageTime(ctx, reader)
		took := stop()
		if err != nil {
			return err
		}
		calm, loud, rate = append(calm, quiet), append(loud, busy), append(rate, float64(n.Load())/took)
	}
	if slices.Min(rate) == 0 {
		return errors.New("in some rounds nobody was done with signing in: the machine is too busy for a storm")
	}
	b.found(15, "mailbox page in a storm of sign-ins, against none", atMost(2, "×"), ratios(loud, calm),
		map[string][]float64{"ms": calm, "ms in the storm": loud, "sign-ins/s": rate})
	return nil
}

// pageTime is the median time of the mailbox page, in milliseconds.
func pageTime(ctx context.Context, b *browser) (float64, error) {
	var times []float64
	for begin := time.Now(); time.Since(begin) < 2*time.Second; {
		t := time.Now()
		if err := b.get(ctx, "/mail"); err != nil {
			return 0, err
		}
		times = append(times, float64(time.Since(t).Microseconds())/1000)
		// People do not click without a pause, and a client that never waits would
		// itself take a processor.
		<-time.After(2 * time.Millisecond)
	}
	return spread(times).Median, nil
}

// signIns keeps n strangers signing in, each from an address of its own and with a
// name that nobody has: that costs as much as a right one, and locks nobody out. The
// returned function ends it and tells how many seconds it went on.
func (d *demo) signIns(ctx context.Context, n int) (*atomic.Int64, func() float64) {
	ctx, cancel := context.WithCancel(ctx)
	done := new(atomic.Int64)
	var wg sync.WaitGroup
	begin := time.Now()
	for range n {
		wg.Go(func() {
			for ctx.Err() == nil {
				from := net.IPv4(127, byte(1+rand.IntN(250)), byte(rand.IntN(250)), byte(1+rand.IntN(250)))
				b := newBrowser(d.Portal, from)
				err := b.get(ctx, "/in")
				if err == nil {
					_, err = b.post(ctx, "/in", "address", fmt.Sprintf("nobody%d@exempelkommun.se", rand.Uint32()), "password", "not the right password")
				}
				if err == nil {
					done.Add(1)
				}
				b.close()
			}
		})
	}
	return done, func() float64 {
		cancel()
		wg.Wait()
		return time.Since(begin).Seconds()
	}
}
