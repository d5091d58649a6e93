package bench

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"
)

// settle is how long an idle process gets to become quiet.
const settle = time.Second

// sessions is row 6: how much memory 50 sessions with mails of 1 MiB take in a fresh
// process.
func (b *bench) sessions(ctx context.Context) error {
	p, err := park()
	if err != nil {
		return err
	}
	defer p.Close()
	var peaks, rates []float64
	for range b.Rounds {
		c, err := b.serve(ctx, b.exe, "sessions", p)
		if err != nil {
			return err
		}
		r, err := drive(ctx, c.smtp, load{letters: newLetters(large), way: byData, sessions: 50, time: 2 * time.Second})
		peak, lost := c.status("VmHWM")
		c.end()
		os.RemoveAll(filepath.Join(b.dir, "sessions"))
		if err != nil {
			return err
		}
		if lost != nil {
			return lost
		}
		peaks, rates = append(peaks, peak), append(rates, r.rate)
	}
	b.found(6, "50 sessions × 1 MiB mail, DATA: peak memory", atMost(96, "MB"), peaks, map[string][]float64{"mails/s": rates})
	return nil
}

// start is row 12: an idle process, its start, and its size. The first start of an
// installation makes its keys; what is measured is every later one.
func (b *bench) start(ctx context.Context) error {
	exe, err := b.build(ctx, "")
	if err != nil {
		b.missing(12, "size of the stripped binary", atMost(50, "MB").String(), err)
		exe = b.exe
	} else if st, err := os.Stat(exe); err == nil {
		b.found(12, "size of the stripped binary", atMost(50, "MB"), []float64{float64(st.Size()) / 1e6}, nil)
	}
	p, err := park()
	if err != nil {
		return err
	}
	defer p.Close()
	defer os.RemoveAll(filepath.Join(b.dir, "start"))
	var idle, own, took []float64
	for round := range b.Rounds + 1 {
		begin := time.Now()
		c, err := b.serve(ctx, exe, "start", p)
		if err != nil {
			return err
		}
		ms := float64(time.Since(begin).Microseconds()) / 1000
		select {
		case <-time.After(settle):
		case <-ctx.Done():
		}
		mb, err := c.status("VmRSS")
		anon, lost := c.status("RssAnon")
		c.end()
		if err := errors.Join(err, lost); err != nil {
			return err
		}
		if round > 0 {
			idle, own, took = append(idle, mb), append(own, anon), append(took, ms)
		}
	}
	b.found(12, "idle memory", atMost(40, "MB"), idle, map[string][]float64{"MB that no file has": own})
	b.found(12, "start to the first greeting", atMost(150, "ms"), took, nil)
	return nil
}
