package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// markName is the target's mark (FORMAT.md, 2.1).
const markName = "sigill-backup"

const markHead = "sigill/backup/1\n"

// Mark says whose a target is.
type Mark struct {
	Installation string
	Writer       string // who writes now
	Recipient    string // B
	Key          string // by which statements are signed: a verifier key of a signed note
}

func (m Mark) text() string {
	return fmt.Sprintf("%sinstallation %s\nwriter %s\nrecipient %s\nkey %s\n", markHead, m.Installation, m.Writer, m.Recipient, m.Key)
}

// maxMark bounds the mark, in bytes: a recipient has about 2,000.
const maxMark = 8 << 10

// ReadMark reads the mark of a target. The error is ErrAbsent if it has none.
func ReadMark(ctx context.Context, t Target) (m Mark, err error) {
	b, err := readSmall(ctx, t, markName, maxMark)
	if err != nil {
		return m, err
	}
	body, ok := strings.CutPrefix(string(b), markHead)
	if !ok {
		return m, fmt.Errorf("%s is of another kind or version", markName)
	}
	l := &lines{rest: body}
	m = Mark{Installation: l.value("installation"), Writer: l.value("writer"), Recipient: l.value("recipient"), Key: l.value("key")}
	if m.text() != string(b) {
		return Mark{}, fmt.Errorf("%s is malformed", markName)
	}
	return m, nil
}

// mark is ours.
func (b *Backup) mark() Mark {
	return Mark{Installation: b.c.Installation, Writer: b.state.Writer, Recipient: b.c.Recipient, Key: b.c.Sign.Public()}
}

// ErrEmptied says that a target is empty which was not: most likely the place where a disk
// belongs that is not there. To fill that place would fill the disk of the store.
var ErrEmptied = errors.New("the target is empty, though there were backups: is its disk connected? A new disk gets a target with a name of its own")

// claim holds the mark against who we are. An empty target gets it.
func (b *Backup) claim(ctx context.Context) error {
	ours := b.mark()
	found, err := ReadMark(ctx, b.c.Target)
	if errors.Is(err, ErrAbsent) {
		for o, err := range b.c.Target.List(ctx, "") {
			if err != nil {
				return err
			}
			return fmt.Errorf("the target has no mark but is not empty: there is %s", o.Name)
		}
		if b.state.Set.Number > 0 {
			return ErrEmptied
		}
		// The slots that are remembered, if any, were another target's.
		b.forgetSlots()
		b.state = state{Writer: b.state.Writer}
		return errors.Join(b.state.save(b.c.State), b.putMark(ctx, ours))
	}
	if err != nil {
		return err
	}
	if found != ours {
		return ErrForeign
	}
	return nil
}

func (b *Backup) putMark(ctx context.Context, m Mark) error {
	return b.c.Target.Put(ctx, markName, func(w io.Writer) error {
		_, err := io.WriteString(w, m.text())
		return err
	})
}

// readSmall reads an object that has at most so many bytes.
func readSmall(ctx context.Context, t Target, name string, most int64) ([]byte, error) {
	r, err := t.Get(ctx, name)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(r, most+1))
	if err = errors.Join(err, r.Close()); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if int64(len(b)) > most {
		return nil, fmt.Errorf("%s has more than %d bytes", name, most)
	}
	return b, nil
}
