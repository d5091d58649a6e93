package appliance

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"sigill/appliance/journal"
	"sigill/appliance/mail"
	"sigill/appliance/usage"
	"sigill/appliance/vault"
)

// settingFigures is the number of the last entry of the journal of which figures are counted.
const settingFigures = "figures.counted"

// figuresAtOnce is how many entries are counted before other changes have their turn.
const figuresAtOnce = 1000

// countFigures counts what became of letters since it was last done. It is correct whatever
// the clock says: each act is counted once, at the time that stands in the journal.
func (m *meter) countFigures(ctx context.Context) error {
	for {
		t := tally{meter: m, sums: map[dayUnit]usage.Figures{}, homeless: map[dayUnit]usage.Figures{}}
		if err := m.db.View(ctx, t.read); err != nil {
			return err
		}
		if t.last == t.first {
			return nil
		}
		t.place()
		if err := m.db.Update(ctx, t.write); err != nil {
			return err
		}
	}
}

type dayUnit struct {
	day  usage.Day
	unit mail.ID
}

// tally is what some entries of the journal come to. They are looked up outside of the
// transaction that writes: rows of letters stay when the letter is erased.
type tally struct {
	*meter
	first, last int64 // the entries after first, and up to last
	sums        map[dayUnit]usage.Figures
	homeless    map[dayUnit]usage.Figures // by owner in place of unit, of whom it is not known from where they sent
}

func (t *tally) read(tx *vault.ReadTx) (err error) {
	if t.first, err = countedFigures(tx); err != nil {
		return err
	}
	list, err := tx.JournalSince(t.first, figuresAtOnce)
	if err != nil {
		return err
	}
	t.last = t.first
	for _, e := range list {
		if err := t.entry(tx, e); err != nil {
			return fmt.Errorf("count entry %d: %w", e.Seq, err)
		}
		t.last = e.Seq
	}
	return nil
}

func countedFigures(tx *vault.ReadTx) (int64, error) {
	text, err := tx.Setting(settingFigures)
	if mail.KindOf(err) == mail.Absent {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(text, 10, 64)
}

// write adds the sums, unless they were added meanwhile.
func (t *tally) write(tx *vault.Tx) error {
	if now, err := countedFigures(&tx.ReadTx); err != nil || now != t.first {
		return err
	}
	for _, k := range slices.SortedFunc(maps.Keys(t.sums), func(a, b dayUnit) int { return int(a.day - b.day) }) {
		f := t.sums[k]
		f.Day, f.Unit = k.day, k.unit
		if err := tx.AddFigures(f); err != nil {
			return err
		}
	}
	return tx.SetSetting(settingFigures, strconv.FormatInt(t.last, 10))
}

// entry counts what an entry tells of. What came in is the citizen's, who counts nowhere.
func (t *tally) entry(tx *vault.ReadTx, e journal.Entry) error {
	switch e.Kind {
	case journal.Accepted, journal.Opened, journal.Ended, journal.NoticeFailed, journal.SMSFailed, journal.Locked:
	default:
		return nil
	}
	m, err := tx.Message(e.Message)
	if mail.KindOf(err) == mail.Absent || err == nil && (m.Way == mail.In || t.tries != nil && t.tries(m.Owner)) {
		return nil
	}
	if err != nil {
		return err
	}
	if e.Kind == journal.Accepted {
		return t.sent(tx, m)
	}
	h, err := tx.Holder(e.Holder)
	if mail.KindOf(err) == mail.Absent || err == nil && !isReader(h) {
		return nil
	}
	if err != nil {
		return err
	}
	return t.step(tx, e, m, h)
}

// isReader reports whether somebody has a letter to read it, and neither as its sender nor
// to mend it.
func isReader(h mail.Holder) bool {
	return !h.House && (h.Kind == mail.HolderPerson || h.Kind == mail.HolderGuest)
}

// sent counts a letter's recipients. Whose access was handed on since is counted where it is
// now.
func (t *tally) sent(tx *vault.ReadTx, m mail.Message) error {
	holders, err := tx.Holders(m.ID)
	if err != nil {
		return err
	}
	var f usage.Figures
	for _, h := range holders {
		if !isReader(h) || h.Why.Passed() {
			continue
		}
		f.Recipients++
		held, err := wasHeld(tx, h)
		if err != nil {
			return err
		}
		if held {
			f.Held++
		}
	}
	return t.add(tx, m, usage.DayOf(m.At, t.zone), f)
}

// wasHeld reports whether a recipient waits for a number, or has done so.
func wasHeld(tx *vault.ReadTx, h mail.Holder) (bool, error) {
	if h.Hold != mail.HoldNone {
		return true, nil
	}
	steps, err := tx.Steps(h.ID)
	return slices.ContainsFunc(steps, func(s mail.Step) bool { return s.Kind == mail.StepMended }), err
}

// step counts what happened to one recipient. An access that was handed on has not ended,
// and the new one of who had opened the old is not opened again.
func (t *tally) step(tx *vault.ReadTx, e journal.Entry, m mail.Message, h mail.Holder) error {
	var f usage.Figures
	sent, day := usage.DayOf(m.At, t.zone), usage.DayOf(e.At, t.zone)
	switch e.Kind {
	case journal.Opened:
		f.Read(sent, e.At, t.zone)
		day = sent
	case journal.Ended:
		if !h.Opened.IsZero() || h.Why.Passed() {
			return nil
		}
		f.Never, day = 1, sent
	case journal.NoticeFailed:
		f.Bounced = 1
	case journal.SMSFailed:
		f.Undelivered = 1
	case journal.Locked:
		f.Closed = 1
	}
	return t.add(tx, m, day, f)
}

// add counts for the unit from which the letter was sent, as far as that is known.
func (t *tally) add(tx *vault.ReadTx, m mail.Message, day usage.Day, f usage.Figures) error {
	unit, err := tx.SentFrom(usage.DayOf(m.At, t.zone), m.Owner)
	sums := t.sums
	if mail.KindOf(err) == mail.Absent {
		unit, sums, err = m.Owner, t.homeless, nil
	}
	if err != nil {
		return err
	}
	k := dayUnit{day, unit}
	sums[k] = sums[k].And(f)
	return nil
}

// place counts what is homeless where its owners are at home now. The organisation is not
// asked while the store is read: the two could wait for each other.
func (t *tally) place() {
	for k, f := range t.homeless {
		k.unit = t.home([]usage.Line{{Owner: k.unit}})[0].Unit
		t.sums[k] = t.sums[k].And(f)
	}
}

// Figures returns what became of letters on the days from first to last, both included, as
// far as it is counted: a minute ago.
func (m *meter) Figures(ctx context.Context, first, last usage.Day) (list []usage.Figures, err error) {
	err = m.db.View(ctx, func(tx *vault.ReadTx) error {
		list, err = tx.Figures(first, last)
		return err
	})
	return list, err
}
