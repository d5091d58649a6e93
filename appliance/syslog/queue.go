package syslog

import (
	"context"
	"sync/atomic"
	"time"
)

// length is how many lines wait at most.
const length = 1000

// again is how long a queue waits when the server was not to be had.
const again = 5 * time.Second

// Queue hands messages to a line without ever making who writes them wait.
type Queue struct {
	line    *Line
	waiting chan Message
	dropped atomic.Int64
}

// NewQueue hands on once Run runs.
func NewQueue(l *Line) *Queue { return &Queue{line: l, waiting: make(chan Message, length)} }

// Put queues a message, or drops it if there is no room.
func (q *Queue) Put(m Message) {
	select {
	case q.waiting <- m:
	default:
		q.dropped.Add(1)
	}
}

// Dropped is how many were dropped since the start.
func (q *Queue) Dropped() int64 { return q.dropped.Load() }

// Run hands on until ctx ends, and then what waits, as long as the server takes it.
func (q *Queue) Run(ctx context.Context) error {
	defer q.line.Close()
	for {
		select {
		case m := <-q.waiting:
			q.hand(ctx, m)
		case <-ctx.Done():
			q.drain(context.WithoutCancel(ctx))
			return nil
		}
	}
}

// hand tries until the message is taken or ctx ends. Meanwhile the queue fills, and then
// drops what is newest: the beginning of a trouble says more than its end.
func (q *Queue) hand(ctx context.Context, m Message) {
	for q.line.Write(ctx, m) != nil {
		t := time.NewTimer(again)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			q.dropped.Add(1)
			return
		}
	}
}

func (q *Queue) drain(ctx context.Context) {
	for {
		select {
		case m := <-q.waiting:
			if q.line.Write(ctx, m) != nil {
				return
			}
		default:
			return
		}
	}
}
