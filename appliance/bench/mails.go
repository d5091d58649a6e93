package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// series is one size and way of mail with its targets, by sessions.
type series struct {
	row     int
	name    string
	size    int
	way     string
	targets map[int]target
}

// The numbers of sessions that are tried.
func sessionCounts() []int { return []int{1, 10, 50} }

func mailSeries() []series {
	x := func(f float64) target { return atLeast(f, "×") }
	return []series{
		{1, "4 KiB mail, DATA", small, byData, map[int]target{1: x(2), 10: x(3), 50: x(4)}},
		{2, "1 MiB mail, BDAT", large, byBDAT, map[int]target{1: x(2), 10: x(2), 50: x(2)}},
		{2, "1 MiB mail, DATA", large, byData, map[int]target{1: x(0.6), 10: x(0.6), 50: x(0.6)}},
	}
}

// mails is rows 1 and 2: mail accepted, read, decided on, sealed and durable, against
// mail in Postfix's hold queue. Both get the same bytes from the same generator.
func (b *bench) mails(ctx context.Context) error {
	for _, s := range mailSeries() {
		if !b.wants(s.row) {
			continue
		}
		if err := b.against(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return nil
}

// pair is what one number of sessions has shown.
type pair struct {
	ours, theirs shown
	disk         []float64
}

// shown is one side: mails a second by our generator and by Postfix's, and processor
// time a mail in µs. On a machine that others use, the first says how many processes a
// server has as much as how quick it is: each gets a share of its own. The last does not.
type shown struct{ rate, bySource, cost []float64 }

// against measures one series.
func (b *bench) against(ctx context.Context, s series) error {
	peer, why := b.peer(ctx)
	if peer != nil {
		defer peer.end()
	}
	p, err := park()
	if err != nil {
		return err
	}
	defer p.Close()
	seen := map[int]*pair{}
	for _, n := range sessionCounts() {
		seen[n] = &pair{}
	}
	for round := range b.Rounds {
		b.say("%s: round %d of %d", s.name, round+1, b.Rounds)
		if err := b.round(ctx, s, round, p, peer, seen); err != nil {
			return err
		}
	}
	for _, n := range sessionCounts() {
		m := seen[n]
		what := fmt.Sprintf("%s @%d, against Postfix hold", s.name, n)
		if why != nil {
			b.missing(s.row, what, s.targets[n].String(), fmt.Errorf("%w (ours: %s mails/s)", why, number(spread(m.ours.rate).Median)))
			continue
		}
		beside := map[string][]float64{"ours/s": m.ours.rate, "Postfix/s": m.theirs.rate, "disk syncs/s": m.disk, "× by processor time": ratios(m.theirs.cost, m.ours.cost), "µs ours": m.ours.cost}
		if len(m.ours.bySource) > 0 {
			beside["× by smtp-source"] = ratios(m.ours.bySource, m.theirs.bySource)
		}
		b.found(s.row, what, s.targets[n], ratios(m.ours.rate, m.theirs.rate), beside)
	}
	return nil
}

// peer starts Postfix, or says why not.
func (b *bench) peer(ctx context.Context) (*postfix, error) {
	if !b.Peers {
		return nil, errors.New("without --peers")
	}
	if err := os.RemoveAll(filepath.Join(b.dir, "postfix")); err != nil {
		return nil, err
	}
	return b.startPostfix(ctx)
}

// round measures both sides at each number of sessions. Who is first changes from
// round to round, and each begins with an empty store.
func (b *bench) round(ctx context.Context, s series, round int, p *parked, peer *postfix, seen map[int]*pair) error {
	us, err := b.serve(ctx, b.exe, "serve", p)
	if err != nil {
		return err
	}
	defer func() { us.end(); os.RemoveAll(filepath.Join(b.dir, "serve")) }()
	for _, n := range sessionCounts() {
		l := load{letters: newLetters(s.size), way: s.way, sessions: n, time: roundTime}
		m := seen[n]
		disk, err := syncRate(b.dir)
		if err != nil {
			return err
		}
		m.disk = append(m.disk, disk)
		sides := []func() error{
			func() error { return side(ctx, us, l, &m.ours) },
			func() error {
				if peer == nil {
					return nil
				}
				return errors.Join(side(ctx, peer.child, l, &m.theirs), peer.empty())
			},
		}
		for i := range sides {
			if err := sides[(i+round)%2](); err != nil {
				return err
			}
		}
	}
	return nil
}

// side measures one server, and once more by Postfix's own generator, which speaks
// DATA only.
func side(ctx context.Context, server *child, l load, s *shown) error {
	before, err := server.processorTime()
	if err != nil {
		return err
	}
	r, err := drive(ctx, server.smtp, l)
	if err != nil {
		return err
	}
	after, err := server.processorTime()
	if err != nil {
		return err
	}
	s.rate = append(s.rate, r.rate)
	s.cost = append(s.cost, float64((after-before).Microseconds())/float64(r.mails))
	if l.way != byData {
		return nil
	}
	if rate, err := source(ctx, server.smtp, l, max(l.sessions*4, int(r.rate/4))); err == nil {
		s.bySource = append(s.bySource, rate)
	}
	return ctx.Err()
}
