package bench

import (
	"context"
	"errors"
	"sync"
	"time"
)

// roundTime is how long one side is driven in one round.
const roundTime = 700 * time.Millisecond

// load is how a mail server is driven.
type load struct {
	letters  letters
	way      string
	sessions int
	time     time.Duration // after which no session begins another mail
	mails    int           // after which neither; 0: only time counts
}

// driven is what a drive has shown.
type driven struct {
	rate  float64 // mails a second
	mails int     // in all, those that were not counted too
}

// drive keeps sessions open and sends in each one mail after the other. It returns
// how many were accepted in a second, from when all sessions stand until the last
// answer. The first mail of each session is not counted: with it a server gets to
// know the sender.
func drive(ctx context.Context, addr string, l load) (driven, error) {
	clients := make([]*client, l.sessions)
	errs := make([]error, l.sessions)
	var wg sync.WaitGroup
	for i := range clients {
		wg.Go(func() {
			if clients[i], errs[i] = dial(ctx, addr); errs[i] == nil {
				errs[i] = clients[i].send(l.letters.next(i, 0), l.way)
			}
		})
	}
	wg.Wait()
	defer func() {
		for _, c := range clients {
			if c != nil {
				c.close()
			}
		}
	}()
	if err := errors.Join(errs...); err != nil {
		return driven{}, err
	}
	sent := make([]int, l.sessions)
	begin := time.Now()
	for i, c := range clients {
		wg.Go(func() {
			for n := 1; ctx.Err() == nil && time.Since(begin) < l.time && (l.mails == 0 || n <= l.mails/l.sessions); n++ {
				if errs[i] = c.send(l.letters.next(i, n), l.way); errs[i] != nil {
					return
				}
				sent[i]++
			}
		})
	}
	wg.Wait()
	took := time.Since(begin)
	if err := errors.Join(append(errs, ctx.Err())...); err != nil {
		return driven{}, err
	}
	total := 0
	for _, n := range sent {
		total += n
	}
	return driven{float64(total) / took.Seconds(), total + l.sessions}, nil
}
