package journal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"
)

// maxFaults bounds a report: who rewrote the whole chain broke every checkpoint.
const maxFaults = 50

// Report says what Verify found.
type Report struct {
	Entries     int64      // number of the last entry
	Checkpoints int        // that are signed and fit
	Newest      Checkpoint // the newest signed one
	Torn        bool       // the file ends in an unfinished note: a crash, or somebody cut it
	Faults      []Fault    // the first 50
	More        int        // faults beyond these
}

// OK reports whether nothing is wrong.
func (r Report) OK() bool { return len(r.Faults) == 0 }

// String tells the report in words.
func (r Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d entries, %d checkpoints that fit.\n", r.Entries, r.Checkpoints)
	if r.Checkpoints > 0 {
		fmt.Fprintf(&b, "The newest checkpoint is of %s and counts %d entries; what came after it is covered by the chain only.\n",
			r.Newest.At.Format(time.RFC3339), r.Newest.Size)
	} else {
		b.WriteString("Without a checkpoint nobody can tell whether entries were cut off at the end, or all of them written anew.\n")
	}
	if r.Torn {
		b.WriteString("The last checkpoint in the file is unfinished, as after a power cut.\n")
	}
	if r.OK() {
		b.WriteString("Nothing is wrong.\n")
	}
	for _, f := range r.Faults {
		b.WriteString(f.Text + "\n")
	}
	if r.More > 0 {
		fmt.Fprintf(&b, "And %d more faults.\n", r.More)
	}
	return b.String()
}

func (r *Report) add(f *Fault) {
	switch {
	case f == nil:
	case len(r.Faults) < maxFaults:
		r.Faults = append(r.Faults, *f)
	default:
		r.More++
	}
}

// Verify checks entries, in order, against each other and against a file of signed
// checkpoints: the appliance's own, or a copy that was kept elsewhere, which alone
// shows what somebody with the signing key has done. checkpoints may be nil. What is
// wrong stands in the report; the error is one of reading. Memory is constant.
func Verify(entries iter.Seq2[Entry, error], checkpoints io.Reader, key PublicKey) (Report, error) {
	if checkpoints == nil {
		checkpoints = bytes.NewReader(nil)
	}
	var r Report
	w := witness{notes: newNoteReader(checkpoints), key: key, report: &r}
	if err := w.advance(); err != nil {
		return r, err
	}
	var v Verifier
	if err := w.compare(&v); err != nil {
		return r, err
	}
	for e, err := range entries {
		if err != nil {
			return r, fmt.Errorf("read the journal: %w", err)
		}
		r.add(v.Next(e))
		if err := w.compare(&v); err != nil {
			return r, err
		}
	}
	r.Entries = v.Size()
	return r, w.finish(&v)
}

// witness walks through the checkpoints beside the entries.
type witness struct {
	notes  *noteReader
	key    PublicKey
	report *Report
	count  int // of notes
	next   *Checkpoint
}

// advance puts the next checkpoint that is signed and not smaller than the one
// before into next, or nil at the end.
func (w *witness) advance() error {
	w.next = nil
	for {
		note, err := w.notes.next()
		switch {
		case err == io.EOF:
			return nil
		case errors.Is(err, errTorn):
			w.report.Torn = true
			return nil
		case errors.Is(err, errMalformed):
			w.report.add(fault(Forged, 0, "Checkpoint %d cannot be read, nor what stands behind it.", w.count+1))
			return nil
		case err != nil:
			return fmt.Errorf("read checkpoints: %w", err)
		}
		w.count++
		c, err := w.key.Open(note)
		if err != nil {
			w.report.add(fault(Forged, 0, "Checkpoint %d is not signed by this journal's key.", w.count))
			continue
		}
		last := w.report.Newest
		if c.Size < last.Size || c.Size == last.Size && c.Size > 0 && c.Root != last.Root {
			w.report.add(fault(Backwards, c.Size, "Checkpoint %d counts %d entries and contradicts the one before it, which counts %d.", w.count, c.Size, last.Size))
			continue
		}
		w.next, w.report.Newest = &c, c
		return nil
	}
}

// compare holds the checkpoints up to v's size against v.
func (w *witness) compare(v *Verifier) error {
	for w.next != nil && w.next.Size <= v.Size() {
		c := *w.next
		switch {
		case c.Size < v.Size():
			w.report.add(fault(Missing, c.Size, "Entry %d, which the checkpoint of %s signs, is missing.", c.Size, c.At.Format(time.RFC3339)))
		case c.Root != v.Root():
			w.report.add(fault(Rewritten, c.Size, "The entries up to %d are not those that the checkpoint of %s signs.", c.Size, c.At.Format(time.RFC3339)))
		default:
			w.report.Checkpoints++
		}
		if err := w.advance(); err != nil {
			return err
		}
	}
	return nil
}

// finish looks at the checkpoints beyond the last entry.
func (w *witness) finish(v *Verifier) error {
	beyond := w.next
	for w.next != nil {
		beyond = w.next
		if err := w.advance(); err != nil {
			return err
		}
	}
	if beyond != nil {
		w.report.add(fault(Cut, v.Size(), "The journal ends at entry %d, but the checkpoint of %s counts %d: %d entries were cut off.",
			v.Size(), beyond.At.Format(time.RFC3339), beyond.Size, beyond.Size-v.Size()))
	}
	return nil
}
