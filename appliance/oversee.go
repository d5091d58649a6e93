package appliance

import (
	"context"
	"fmt"

	"sigill/appliance/overseer"
	"sigill/appliance/vault"
)

// overseer is whom the service manager hears of this appliance; nil if there is none, or
// none is to hear. A start that begins anew helps where the store's writer hangs or a door
// lets nobody in, so these are asked; it helps nobody whose smarthost is down.
func (a *Appliance) overseer() (*overseer.Overseer, error) {
	status := "Portal " + a.c.BaseURL
	for _, l := range a.c.SMTP {
		status += fmt.Sprintf(", mail on %s", l.Addr())
	}
	return a.overseerOf(status + ".")
}

func (a *Appliance) overseerOf(status string) (*overseer.Overseer, error) {
	if !a.c.Overseen {
		return nil, nil
	}
	parts := []overseer.Part{
		{Name: "the store", Ask: a.writerAnswers},
		{Name: "the portal", Ask: overseer.HTTP(a.c.Web.Addr(), a.c.WebTLS != nil)},
	}
	if q := a.c.Questions; q != nil {
		parts = append(parts, overseer.Part{Name: fmt.Sprintf("the authority's questions on %s", q.Addr()), Ask: overseer.HTTP(q.Addr(), false)})
	}
	for _, l := range a.c.SMTP {
		parts = append(parts, overseer.Part{Name: fmt.Sprintf("mail on %s", l.Addr()), Ask: overseer.SMTP(l.Addr(), l.Implicit)})
	}
	return overseer.New(overseer.Config{Parts: parts, Status: status, Log: a.c.Log})
}

// writerAnswers asks the store's writer for a transaction that changes nothing. A store that
// answers that it is full or closed to changes has answered: the operator is told elsewhere,
// and a new start by itself could hide a disk that fails.
func (a *Appliance) writerAnswers(ctx context.Context) error {
	err := a.db.Update(ctx, func(*vault.Tx) error { return nil })
	if ctx.Err() != nil {
		return err
	}
	return nil
}
