package journal

import "fmt"

// Damage says what is wrong.
type Damage string

// The kinds of damage.
const (
	Edited    Damage = "edited"    // an entry is not what its hash says
	Missing   Damage = "missing"   // a number is left out
	Disorder  Damage = "disorder"  // an entry comes late or twice
	Cut       Damage = "cut"       // fewer entries than a checkpoint counted
	Rewritten Damage = "rewritten" // whole by itself, but not what a checkpoint signed
	Forged    Damage = "forged"    // a checkpoint that is not signed, or cannot be read
	Backwards Damage = "backwards" // checkpoints contradict each other
)

// Fault is one thing that is wrong with a journal, in words for the operator.
type Fault struct {
	Damage Damage
	Seq    int64 // entry, or size of the checkpoint
	Text   string
}

// Error returns the words.
func (f *Fault) Error() string { return f.Text }

func fault(d Damage, seq int64, format string, args ...any) *Fault {
	return &Fault{d, seq, fmt.Sprintf(format, args...)}
}

// Verifier checks a chain, entry by entry, in constant memory. The zero value is
// before the first entry.
type Verifier struct {
	seq  int64
	hash [32]byte
}

// Next takes the next entry. After a fault it goes on from this entry, so that one
// change is one fault and what is wrong further on is found too.
func (v *Verifier) Next(e Entry) *Fault {
	if e.Seq <= v.seq {
		return fault(Disorder, e.Seq, "Entry %d stands behind entry %d.", e.Seq, v.seq)
	}
	before := *v
	v.seq, v.hash = e.Seq, e.Hash
	switch {
	case e.Seq == before.seq+2:
		return fault(Missing, e.Seq-1, "Entry %d is missing.", e.Seq-1)
	case e.Seq > before.seq+1:
		return fault(Missing, before.seq+1, "Entries %d to %d are missing.", before.seq+1, e.Seq-1)
	case tooLong(e.Event):
		return fault(Edited, e.Seq, "Entry %d has a text longer than any that is written.", e.Seq)
	case Hash(before.hash, e.Seq, e.Event) != e.Hash:
		return fault(Edited, e.Seq, "Entry %d is not what was written, or the one before it is not.", e.Seq)
	}
	return nil
}

// Size returns the number of the last entry taken.
func (v *Verifier) Size() int64 { return v.seq }

// Root returns its hash.
func (v *Verifier) Root() [32]byte { return v.hash }
