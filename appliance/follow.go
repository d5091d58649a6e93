package appliance

import (
	"context"
	"slices"
	"strings"

	"sigill/appliance/desk"
	"sigill/appliance/mail"
	"sigill/appliance/trace"
	"sigill/appliance/vault"
)

// traceStore is the vault as the trace sees it.
type traceStore struct{ *vault.DB }

func (s traceStore) Update(ctx context.Context, f func(trace.Tx) error) error {
	return s.DB.Update(ctx, func(tx *vault.Tx) error { return f(tx) })
}

func (s traceStore) View(ctx context.Context, f func(trace.ReadTx) error) error {
	return s.DB.View(ctx, func(tx *vault.ReadTx) error { return f(tx) })
}

// following is what the help desk follows: the letters that the desk has, with the mails
// that they came by, and the mails at the door that became none.
type following struct {
	desk  *desk.Desk
	trace *trace.Trace
}

// Trace looks for letters and mails, and has it noted before anything is told.
func (f following) Trace(ctx context.Context, by mail.Actor, a mail.TraceAsked) (mail.TraceFound, error) {
	if a.Ref != "" {
		return f.ref(ctx, by, strings.Trim(a.Ref, "<> "))
	}
	var found mail.TraceFound
	letters, whole, err := f.desk.Trace(ctx, by, a.Address, a.From, a.Until)
	if err != nil {
		return found, err
	}
	for i := range letters {
		if err := f.arrived(ctx, &letters[i]); err != nil {
			return found, err
		}
	}
	found.Letters = letters
	found.Arrivals, found.Beyond, found.Whole, err = f.trace.ByAddress(ctx, a.Address, a.From, a.Until)
	found.Whole = found.Whole && whole
	for i := range found.Arrivals {
		only(&found.Arrivals[i], a.Address)
	}
	return found, err
}

// only leaves of a mail's recipients the one who was asked about, unless its sender was.
func only(a *mail.Arrival, asked mail.Address) {
	if a.From.Key() != asked.Key() {
		a.To = slices.DeleteFunc(a.To, func(to mail.ArrivalTo) bool { return to.Address.Key() != asked.Key() })
	}
}

// arrived puts in how a letter came.
func (f following) arrived(ctx context.Context, l *mail.Traced) error {
	if len(l.Recipients) == 0 {
		return nil
	}
	list, err := f.trace.ByLetter(ctx, l.Recipients[0].Holder.Message, l.At)
	if len(list) > 0 {
		l.Arrival = &list[0]
	}
	return err
}

// ref looks for one mail or letter by its number. Of letters that have ended it tells when,
// and no address.
func (f following) ref(ctx context.Context, by mail.Actor, ref string) (found mail.TraceFound, err error) {
	if err := f.desk.NoteTrace(ctx, by); err != nil {
		return found, err
	}
	found.Whole = true
	arrivals, err := f.trace.ByRef(ctx, ref)
	if err != nil {
		return found, err
	}
	for _, a := range arrivals {
		lives, all := false, mail.Ending{}
		for _, id := range a.Letters {
			l, ended, ok, err := f.desk.TraceOne(ctx, id)
			if err != nil {
				return found, err
			}
			if lives = lives || ok; ok {
				l.Arrival = &a
				found.Letters = append(found.Letters, l)
			} else if !ended.At.IsZero() {
				all = all.And(ended)
			}
		}
		a.Ended, a.Erased = all.At, all.Erased
		if !lives {
			found.Arrivals = append(found.Arrivals, a)
		}
	}
	if len(arrivals) > 0 {
		return found, nil
	}
	return found, f.written(ctx, ref, &found)
}

// written looks for a letter by its own number: one that was written here, or whose mail was
// too long ago. Of one that has ended there is a line that says when.
func (f following) written(ctx context.Context, ref string, found *mail.TraceFound) error {
	id, err := mail.ParseID(ref)
	if err != nil {
		return nil // a Message-ID that nobody knows
	}
	l, ended, ok, err := f.desk.TraceOne(ctx, id)
	switch {
	case ok:
		found.Letters = append(found.Letters, l)
		return f.arrived(ctx, &found.Letters[0])
	case !ended.At.IsZero():
		found.Arrivals = append(found.Arrivals, mail.Arrival{ID: id, At: ended.At, Ended: ended.At, Erased: ended.Erased})
	}
	return err
}

// traceDays is for how many days mails at the door are kept where nothing is said.
const traceDays = 30

func (a *Appliance) openTrace() {
	days := a.c.TraceDays
	if days < 1 {
		days = traceDays
	}
	a.trace = trace.New(trace.Config{Store: traceStore{a.db}, App: a.founding.app, Clock: a.c.Clock, Log: a.c.Log, Days: days})
}

// forgetTraces forgets the mails at the door whose days are over; none while the clock has
// leapt: what somebody asks about tomorrow would be gone.
func (a *Appliance) forgetTraces(ctx context.Context) error {
	if !a.believed(a.c.Clock.Now()) {
		return nil
	}
	return a.trace.Forget(ctx)
}
