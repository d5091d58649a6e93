package bench

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// searched is how many letters row 10 searches in, in one mailbox.
const searched = 10_000

// search is row 10: how long a search in a full mailbox takes after the first one, as
// a browser sees it. The first one opens every letter's head, and stands beside.
func (b *bench) search(ctx context.Context) error {
	dir := filepath.Join(b.dir, "search")
	defer os.RemoveAll(dir)
	d, err := b.startDemo(ctx, dir)
	if err != nil {
		return err
	}
	defer d.end()
	b.say("row 10: a mailbox of %d letters", searched)
	if err := d.fillMailbox(ctx, d.Accounts[0].Email); err != nil {
		return err
	}
	reader := newBrowser(d.Portal, nil)
	defer reader.close()
	if err := d.signIn(ctx, reader); err != nil {
		return err
	}
	first, err := searchTime(ctx, reader)
	if err != nil {
		return err
	}
	var later []float64
	for range max(b.Rounds, 3) {
		ms, err := searchTime(ctx, reader)
		if err != nil {
			return err
		}
		later = append(later, ms)
	}
	b.found(10, "search in 10,000 letters of one's own", atMost(200, "ms"), later, map[string][]float64{"ms the first time": {first}})
	return nil
}

// searchTime is how long one search takes that finds one letter, in milliseconds.
func searchTime(ctx context.Context, b *browser) (float64, error) {
	if err := b.get(ctx, "/mail"); err != nil {
		return 0, err
	}
	t := time.Now()
	status, err := b.post(ctx, "/mail/search", "q", fmt.Sprintf("forsorjningsstod nr%dx", searched/2))
	ms := float64(time.Since(t).Microseconds()) / 1000
	if err == nil && (status != http.StatusOK || strings.Count(b.page, `class="from"`) != 1) {
		err = fmt.Errorf("a search is answered %d, with %d letters", status, strings.Count(b.page, `class="from"`))
	}
	return ms, err
}

// fillMailbox sends somebody of the demo's house as many letters as are searched.
func (d *demo) fillMailbox(ctx context.Context, to string) error {
	const sessions = 16
	errs := make([]error, sessions)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			c, err := dial(ctx, d.SMTP)
			if err != nil {
				errs[i] = err
				return
			}
			defer c.close()
			for n := i; n < searched && errs[i] == nil; n += sessions {
				errs[i] = c.send(numbered(n, to), byData)
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// numbered is a letter within the house that one search finds alone.
func numbered(n int, to string) letter {
	m := letter{from: "johan.lind@exempelkommun.se", to: to + ".s", rest: []byte("Se underlaget.\r\n")}
	m.head = fmt.Appendf(nil, "From: Johan Lind <%s>\r\nTo: <%s>\r\nSubject: =?utf-8?Q?F=C3=B6rs=C3=B6rjningsst=C3=B6d?= nr%dx\r\nMessage-ID: <%d@exempelkommun.se>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n", m.from, m.to, n, n)
	return m
}
