package journal

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Checkpoint says what the journal was at a moment: how many entries, and the hash
// of the last one, which stands for all of them.
type Checkpoint struct {
	Size int64
	Root [32]byte  // hash of entry Size; zeros of an empty journal
	At   time.Time // whole seconds, UTC
}

// When a checkpoint is due. What came after the newest one could be cut off without
// a trace, so these bound that loss.
const (
	DueAfter   = 10 * time.Minute
	DueEntries = 1000
)

// Due says when the next checkpoint is due. It is made of the newest one, or zero.
type Due struct{ Last Checkpoint }

// Now reports whether a journal of size entries is due for a checkpoint. If nothing
// was added it never is; if the clock was set back it is.
func (d Due) Now(size int64, now time.Time) bool {
	n := size - d.Last.Size
	return n > 0 && (n >= DueEntries || now.Sub(d.Last.At).Abs() >= DueAfter)
}

var errMalformed = errors.New("journal: malformed checkpoint")

const timePrefix = "time "

// text is the note's body after C2SP tlog-checkpoint: origin, size, root, and one
// line of ours. The root is that of a chain and not of a Merkle tree: a witness that
// only compares and countersigns does not mind, one that wants proofs gets none.
func (c Checkpoint) text(origin string) string {
	return fmt.Sprintf("%s\n%d\n%s\n%s%s\n", origin, c.Size, base64.StdEncoding.EncodeToString(c.Root[:]),
		timePrefix, c.At.UTC().Format(time.RFC3339))
}

// parseCheckpoint reads what text wrote for the same origin, and nothing else.
func parseCheckpoint(text, origin string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 5 {
		return Checkpoint{}, errMalformed
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 {
		return Checkpoint{}, errMalformed
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != 32 {
		return Checkpoint{}, errMalformed
	}
	at, err := time.Parse(time.RFC3339, strings.TrimPrefix(lines[3], timePrefix))
	if err != nil {
		return Checkpoint{}, errMalformed
	}
	c := Checkpoint{size, [32]byte(root), at.UTC()}
	if c.text(origin) != text {
		return Checkpoint{}, errMalformed // another spelling, or another journal's
	}
	return c, nil
}
