package appliance

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/office"
	"sigill/appliance/org"
	"sigill/appliance/usage"
	"sigill/appliance/vault"
)

// settingCounted is the last day whose letters are counted.
const settingCounted = "usage.counted"

const (
	// countBack is how many days at most are counted that nobody has counted yet.
	countBack = 400
	// countAfter is how long after its end a day is counted: what was accepted in its last
	// moment is durable by then.
	countAfter = time.Hour
	// countAtOnce is how many lines of finished days are written before other changes have
	// their turn; a day is never divided.
	countAtOnce = 2000
	// storedFor is how old it may be what lies here: every message is read for it.
	storedFor = 15 * time.Minute
)

// meter counts what people and departments use. When a letter is accepted it does
// nothing: letters are counted from the rows that are there anyway, and those of a
// finished day once, with the department where their owner is at home then.
type meter struct {
	db     *vault.DB
	office *office.Office
	zone   *time.Location // of the house; days begin and end in it
	price  int64          // of a part, in millionths, where the gateway does not say it; 0: not known
	clock  mail.Clock
	log    *slog.Logger
	tries  func(owner mail.ID) bool // whose letters only try the way, and count nowhere; nil: nobody's

	mu     sync.Mutex
	stored map[mail.ID]int64 // nil until somebody has asked
	read   time.Duration     // when it was read, by Clock.Running
}

// countUsage counts finished days; none while the clock has leapt, for none of them has
// been yet.
func (a *Appliance) countUsage(ctx context.Context) error {
	now := a.c.Clock.Now()
	if !a.believed(now) {
		return nil
	}
	return a.meter.count(ctx, now)
}

// count counts each finished day that is not counted yet.
func (m *meter) count(ctx context.Context, now time.Time) error {
	end := usage.DayOf(now.Add(-countAfter), m.zone)
	counted, err := m.countedBefore(ctx, end)
	if err != nil {
		return err
	}
	for first := counted + 1; first < end; {
		batch, next, err := m.finished(ctx, first, end)
		if err != nil {
			return err
		}
		err = m.db.Update(ctx, func(tx *vault.Tx) error {
			for d := first; d < next; d++ {
				if err := tx.PutDay(d, batch[d]); err != nil {
					return err
				}
			}
			return tx.SetSetting(settingCounted, (next - 1).String())
		})
		if err != nil {
			return err
		}
		first = next
	}
	return nil
}

// countedBefore returns the last day that is counted and is over at end. A later one was
// counted while the clock stood ahead: it is counted again when it is over.
func (m *meter) countedBefore(ctx context.Context, end usage.Day) (counted usage.Day, err error) {
	err = m.db.View(ctx, func(tx *vault.ReadTx) error {
		counted, err = m.counted(tx, end)
		return err
	})
	if err != nil || counted < end {
		return counted, err
	}
	counted = end - 1
	return counted, m.db.Update(ctx, func(tx *vault.Tx) error { return tx.SetSetting(settingCounted, counted.String()) })
}

// counted returns what the setting says, and not less than countBack days before end.
func (m *meter) counted(tx *vault.ReadTx, end usage.Day) (usage.Day, error) {
	oldest := end - countBack - 1
	text, err := tx.Setting(settingCounted)
	if mail.KindOf(err) == mail.Absent {
		return oldest, nil
	}
	if err != nil {
		return 0, err
	}
	d, err := usage.ParseDay(text)
	if err != nil {
		return 0, fmt.Errorf("setting %s: %w", settingCounted, err)
	}
	return max(d, oldest), nil
}

// finished counts days from first on, until they are countAtOnce lines or end is reached.
func (m *meter) finished(ctx context.Context, first, end usage.Day) (batch map[usage.Day][]usage.Line, next usage.Day, err error) {
	batch = map[usage.Day][]usage.Line{}
	lines := 0
	for next = first; next < end && lines < countAtOnce; next++ {
		var list []usage.Line
		err := m.db.View(ctx, func(tx *vault.ReadTx) (err error) {
			list, err = m.sent(tx, next)
			return err
		})
		if err != nil {
			return nil, 0, err
		}
		batch[next] = m.home(list)
		lines += len(list)
	}
	return batch, next, nil
}

// sent counts the letters of a day; home says of which departments they are.
func (m *meter) sent(tx *vault.ReadTx, d usage.Day) ([]usage.Line, error) {
	lines, err := tx.SentBetween(d.Start(m.zone), (d + 1).Start(m.zone))
	if m.tries != nil {
		lines = slices.DeleteFunc(lines, func(l usage.Line) bool { return m.tries(l.Owner) })
	}
	for i := range lines {
		lines[i].Day = d
	}
	return lines, err
}

// home says of each line where its owner is at home now.
func (m *meter) home(lines []usage.Line) []usage.Line {
	m.office.Tree(func(t *org.Tree) {
		for i, l := range lines {
			lines[i].Unit = t.Home(l.Owner)
			if b, err := t.Mailbox(l.Owner); err == nil {
				lines[i].Unit = b.Unit
			}
		}
	})
	return lines
}

// paysItself reports whether a unit is a sponsored group that pays its own SMS. It holds for
// what is sent now: what was counted stays whose it was.
func (m *meter) paysItself(unit mail.ID) (yes bool) {
	m.office.Tree(func(t *org.Tree) {
		u, err := t.Unit(unit)
		yes = err == nil && u.Kind == mail.Group && !u.PaysSMS
	})
	return yes
}

// Used returns what was used on the days from first to last, both included. What is not
// counted yet, as today is not, is counted now.
func (m *meter) Used(ctx context.Context, first, last usage.Day) ([]usage.Line, error) {
	return m.used(ctx, first, last, (*vault.ReadTx).Usage)
}

// UsedByUnit is Used without saying who.
func (m *meter) UsedByUnit(ctx context.Context, first, last usage.Day) ([]usage.Line, error) {
	return m.used(ctx, first, last, (*vault.ReadTx).UsageByUnit)
}

func (m *meter) used(ctx context.Context, first, last usage.Day, read func(tx *vault.ReadTx, first, last usage.Day) ([]usage.Line, error)) (lines []usage.Line, err error) {
	today := usage.DayOf(m.clock.Now(), m.zone)
	var now []usage.Line
	err = m.db.View(ctx, func(tx *vault.ReadTx) error {
		if lines, err = read(tx, first, last); err != nil {
			return err
		}
		counted, err := m.counted(tx, today)
		if err != nil {
			return err
		}
		counted = min(counted, today-1)
		for i, l := range lines {
			if l.Day > counted { // by a clock that stood ahead
				lines[i].Letters, lines[i].Recipients, lines[i].Bytes = 0, 0, 0
			}
		}
		for d := max(first, counted+1); d <= min(last, today); d++ {
			more, err := m.sent(tx, d)
			if err != nil {
				return err
			}
			now = append(now, more...)
		}
		return nil
	})
	return append(lines, m.home(now)...), err
}

// spentDaily is what SMS have cost on a day, in millionths of the house's currency, on average
// over the seven days before today, or over as many as there are since the first SMS of a house
// that is younger; 0 if that is not known.
func (m *meter) spentDaily(ctx context.Context) (cost int64, err error) {
	const week = 7
	today := usage.DayOf(m.clock.Now(), m.zone)
	days := usage.Day(0)
	err = m.db.View(ctx, func(tx *vault.ReadTx) error {
		lines, err := tx.Usage(today-week, today-1)
		for _, l := range lines {
			if l.SMS > 0 {
				days = max(days, today-l.Day)
			}
		}
		cost = usage.Sum(lines).Cost
		return err
	})
	if err != nil || days == 0 {
		return 0, err
	}
	return cost / int64(days), nil
}

// Stored returns what lies here now, or did a quarter of an hour ago, each where its owner
// is at home.
func (m *meter) Stored(ctx context.Context) ([]usage.Line, error) {
	sums, err := m.storage(ctx)
	if err != nil {
		return nil, err
	}
	lines := make([]usage.Line, 0, len(sums))
	for owner, bytes := range sums {
		lines = append(lines, usage.Line{Owner: owner, Stored: bytes})
	}
	return m.home(lines), nil
}

// storage reads what lies here, unless it is known. Whoever asks meanwhile waits for the
// one who reads. What it returns must not be changed.
func (m *meter) storage(ctx context.Context) (sums map[mail.ID]int64, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.clock.Running()
	if m.stored != nil && now-m.read < storedFor {
		return m.stored, nil
	}
	err = m.db.View(ctx, func(tx *vault.ReadTx) error {
		sums, err = tx.Storage()
		return err
	})
	if err != nil {
		return nil, err
	}
	m.stored, m.read = sums, now
	return sums, nil
}

// letterSMS counts an SMS to a letter's reader as its owner's. It only says what goes
// wrong: the SMS is on its way.
func (m *meter) letterSMS(ctx context.Context, holder mail.ID, r mail.Receipt) {
	var letter mail.Message
	err := m.db.View(ctx, func(tx *vault.ReadTx) error {
		h, err := tx.Holder(holder)
		if err == nil {
			letter, err = tx.Message(h.Message)
		}
		return err
	})
	if err != nil {
		m.log.Error("an SMS is not counted", "part", "usage", "err", err)
		return
	}
	m.ownSMS(ctx, letter.Owner, r)
}

// ownSMS counts an SMS to somebody of the house as theirs; see letterSMS. One to a registered
// recipient is the house's as a whole: of a citizen no record is kept of when they sign in.
func (m *meter) ownSMS(ctx context.Context, owner mail.ID, r mail.Receipt) {
	m.office.Tree(func(t *org.Tree) {
		_, person := t.Person(owner)
		_, mailbox := t.Mailbox(owner)
		if person != nil && mailbox != nil { // in no list of the house's
			owner = mail.ID{}
		}
	})
	l := usage.Line{Day: usage.DayOf(m.clock.Now(), m.zone), Owner: owner, SMS: int64(r.Parts), Cost: r.Cost}
	if !r.Priced {
		l.Cost = l.SMS * m.price
	}
	l = m.home([]usage.Line{l})[0]
	if m.paysItself(l.Unit) {
		l.GroupSMS, l.GroupCost = l.SMS, l.Cost
	}
	if err := m.db.Update(ctx, func(tx *vault.Tx) error { return tx.AddSMS(l) }); err != nil {
		m.log.Error("an SMS is not counted", "part", "usage", "err", err)
	}
}
