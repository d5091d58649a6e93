package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/vault"
)

// Config is what backing up to one target needs.
type Config struct {
	Target Target
	Store  *vault.DB
	// Seal are B and the drill's.
	Seal keyring.Recipients
	Sign *Signer
	// Installation and Recipient stand in the target's mark.
	Installation, Recipient string
	// Version is the program's and the schema's: "0.9.0 28".
	Version string
	// CopySigned copies the journal's checkpoints from byte from on, and returns where they
	// end.
	CopySigned func(from int64, w io.Writer) (end int64, err error)
	// Settings is the text of the configuration file; nil, or an empty one: there is none. Its
	// error keeps no letter from being backed up: the set is then without it.
	Settings func() ([]byte, error)
	// State is a directory for what is remembered of the target. It must be there.
	State string
	// Restored is when this appliance was restored; zero: it never was. A target of which it
	// remembers nothing may then be one that it wrote to before, and it goes on there, unless
	// somebody has written since. Over says that it may even then.
	Restored time.Time
	Over     bool
	Clock    mail.Clock
	Log      *slog.Logger
}

// Backup writes to one target. Its methods wait for each other.
type Backup struct {
	c Config
	w writer

	last atomic.Pointer[Last]

	mu      sync.Mutex
	state   state
	changes *vault.Changes // of rows and blobs, since the newest set; nil: the next one is whole
	slots   *vault.Changes // since the newest copy of the slots; nil: the next one is whole

	// known, by series, says that the target has nothing of ours that the state has not: each
	// write since was answered. Then nobody asks again, which would be two requests a minute.
	known map[Series]bool
}

// ErrForeign says that another appliance writes to the target: a copy of this one, or the one
// that this is a copy of.
var ErrForeign = errors.New("another appliance writes to this target")

// Open begins to back up to a target, and puts a mark on one that is empty. The error is
// ErrForeign if it is another's. Then the Backup may be kept: each of its methods looks
// again.
func Open(ctx context.Context, c Config) (*Backup, error) {
	b := &Backup{c: c, w: writer{to: c.Target, seal: c.Seal, sign: c.Sign}, known: map[Series]bool{}}
	known, ok, err := loadState(c.State)
	if err != nil {
		return nil, err
	}
	if !ok {
		known = state{Writer: mail.NewID().String()}
	}
	b.state = known
	b.tell(time.Time{})
	if !ok && !c.Restored.IsZero() {
		if err := b.takeOver(ctx); err != nil {
			return b, err
		}
	}
	return b, b.claim(ctx)
}

// Close forgets what has changed. The target stays open.
func (b *Backup) Close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.forgetRows()
	b.forgetSlots()
}

func (b *Backup) forgetRows() {
	if b.changes != nil {
		b.changes.Stop()
		b.changes = nil
	}
}

func (b *Backup) forgetSlots() {
	if b.slots != nil {
		b.slots.Stop()
		b.slots = nil
	}
}

// Last is how far a target has got.
type Last struct {
	Set   time.Time // when its newest set was begun; zero: it has none
	Slots time.Time // when its newest copy of the slots was written; zero: it has none
	Kept  time.Time // when it was last known that nothing has changed since that copy
	Whole time.Time
	Next  int // sets since the whole one
}

// Last returns how far it has got. It waits for nobody.
func (b *Backup) Last() Last {
	if l := b.last.Load(); l != nil {
		return *l
	}
	return Last{}
}

// tell keeps what Last says.
func (b *Backup) tell(kept time.Time) {
	b.last.Store(&Last{Set: b.state.Set.At, Slots: b.state.Slots.At, Kept: kept, Whole: b.state.Set.Whole, Next: b.state.Set.Chain})
}

// Done is what a run has written.
type Done struct {
	Kind  Kind
	Set   string // name of its container
	At    time.Time
	Pages int   // of the database
	Blobs int   // new ones
	Bytes int64 // as they lie at the target
}

// now is the time that stands in statements.
func (b *Backup) now() time.Time { return b.c.Clock.Now().UTC().Truncate(time.Second) }

// A chain of changes is at most so long: a restore reads all of it.
const (
	chainFor  = 7 * day
	chainMost = 1440 // a day of them, if there is one each minute
)

// Run writes a set: a whole one if kind is Whole, if nobody knows what has changed since the
// last one, or if its chain is long. When it returns nil the target has everything up to the
// moment at which Run was called, at least.
func (b *Backup) Run(ctx context.Context, kind Kind) (d Done, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.claim(ctx); err != nil {
		return d, err
	}
	if last := b.state.Set; b.changes == nil || last.Number == 0 || last.Chain >= chainMost || b.now().Sub(last.Whole).Abs() >= chainFor {
		kind = Whole
	}
	defer func() {
		b.known[Sets] = err == nil
		if err != nil && kind == Whole || errors.Is(err, errUnsure) {
			b.forgetRows() // the changes are to a set that there is not, or not all are known: the next one is whole
		}
	}()
	if kind == Whole {
		b.forgetRows()
		if b.changes, err = b.c.Store.Changes(ctx); err != nil {
			return d, err
		}
	}
	if err := b.adopt(ctx); err != nil {
		return d, err
	}
	st := Statement{
		Series: Sets, Name: numbered(Sets, b.state.Set.Number+1), At: b.now(), Number: b.state.Set.Number + 1,
		Kind: kind, After: b.state.Set.After, Version: b.c.Version,
	}
	return b.set(ctx, st)
}

// adopt looks whether the set that comes next is there already: its statement was written,
// and then the power went, or the target, before we heard of it. It counts, and what comes
// next stands on it. What it has goes into the next one once more, which does no harm.
func (b *Backup) adopt(ctx context.Context) error {
	if b.known[Sets] {
		return nil
	}
	s, err := b.found(ctx, numbered(Sets, b.state.Set.Number+1))
	if err != nil || s.Name == "" {
		return err
	}
	b.state.Set.Number, b.state.Set.After, b.state.Set.Packs = s.Number, s.Signed, s.Packs
	return b.state.save(b.c.State)
}

// found opens the statement of a container of ours; a zero one says that there is none.
func (b *Backup) found(ctx context.Context, container string) (s Stated, err error) {
	signed, err := readSmall(ctx, b.c.Target, statementOf(container), maxStatement)
	if errors.Is(err, ErrAbsent) {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	s.Statement, s.Signed, err = Verifier{b.c.Sign.verifier}.Open(signed)
	return s, err
}

// numbered is the name of a container by its number.
func numbered(dir Series, n int) string { return fmt.Sprintf("%s/%08d%s", dir, n, ending) }
