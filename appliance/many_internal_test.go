package appliance

import (
	"context"
	"errors"
	"sync"

	"sigill/appliance/mail"
)

// HandIn gives the demo's desk n letters as the house's mail server does, many at a time.
func HandIn(d *Demo, n int, letter func(i int) *mail.Draft) error {
	const hands = 16
	errs := make([]error, hands)
	var wg sync.WaitGroup
	for h := range errs {
		wg.Go(func() {
			for i := h; i < n && errs[h] == nil; i += hands {
				errs[h] = d.Appliance.desk.Accept(context.Background(), mail.Actor{Kind: mail.ActorSender}, letter(i))
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}
