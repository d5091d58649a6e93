package appliance

import (
	"context"
	"errors"
	"time"

	"sigill/appliance/config"
	"sigill/appliance/door/control"
	"sigill/appliance/mail"
)

// askReload is what `sigill reload` asks.
const askReload = "/reload"

// How long the command waits for the appliance to be there again, and between two looks.
const (
	reloadsWithin = 10 * time.Minute // a large store is looked through
	reloadLooks   = 200 * time.Millisecond
)

// reloadAsk is its question: to read the configuration anew, or only who answers.
type reloadAsk struct{ Anew bool }

// reloadAnswer says which one answers: it is another one after a reload.
type reloadAnswer struct{ Name string }

// ReloadConfig has the appliance that runs read its configuration anew, and returns when it has
// opened its doors again. A configuration with which it would not begin is the error, and
// nothing is done.
func ReloadConfig(ctx context.Context, p Places) error {
	var before reloadAnswer
	if err := askRunning(ctx, p, askReload, reloadAsk{Anew: true}, &before); err != nil {
		return err
	}
	return again(ctx, reloadsWithin, reloadLooks, func(ctx context.Context) (bool, error) {
		var now reloadAnswer
		err := control.Ask(ctx, p.Run, askReload, reloadAsk{}, &now)
		return err == nil && now != before, nil
	})
}

// again looks whether an appliance that begins anew is through, time after time until it is.
func again(ctx context.Context, within, every time.Duration, through func(context.Context) (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	for {
		select {
		case <-ctx.Done():
			return errors.New("the appliance does not answer; look at its log")
		case <-time.After(every):
		}
		if is, err := through(ctx); is || err != nil {
			return err
		}
	}
}

func (a *Appliance) reloadAnswer(_ context.Context, in reloadAsk) (reloadAnswer, error) {
	if !in.Anew {
		return reloadAnswer{a.name}, nil
	}
	if a.c.SetUp == "" {
		return reloadAnswer{}, mail.E(mail.Invalid, "", errors.New("this appliance has no configuration file"))
	}
	if _, err := config.LoadOrBare(a.c.SetUp, Languages()...); err != nil {
		return reloadAnswer{}, mail.E(mail.Invalid, "", err)
	}
	a.Reload()
	return reloadAnswer{a.name}, nil
}
