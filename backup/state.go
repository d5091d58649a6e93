package backup

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/google/renameio/v2"

	"sigill/appliance/mail"
)

// state is what an appliance remembers of a target, in a directory of its own. If it is
// lost, the next set is whole and all blobs go into new packs.
type state struct {
	Writer string    `json:"writer"` // that we are to the target
	Set    seriesEnd `json:"set"`
	Slots  slotsEnd  `json:"slots"`
}

// seriesEnd is where a series has got to.
type seriesEnd struct {
	Number int       `json:"number"` // of the newest; 0: there is none
	After  Sum       `json:"after"`
	At     time.Time `json:"at"`
	Whole  time.Time `json:"whole"`  // when the last whole one was made
	Chain  int       `json:"chain"`  // how many there are since
	Ledger tail      `json:"ledger"` // up to which it has the ledger
	Signed tail      `json:"signed"` // up to which it has the checkpoints
	Packs  []string  `json:"packs"`  // that its rows need
}

// slotsEnd is where the copies of the slots have got to.
type slotsEnd struct {
	Generation int       `json:"generation"` // 0: there is none
	Since      time.Time `json:"since"`      // when it began
	Number     int       `json:"number"`     // of the newest in it
	After      Sum       `json:"after"`
	Live       int       `json:"live"`
	Ended      int       `json:"ended"`
	At         time.Time `json:"at"` // of the newest
}

// tail is how far a file that only grows has been copied.
type tail struct {
	Bytes int64 `json:"bytes"`
	Lines int   `json:"lines"`
}

const stateFile = "state.json"

// loadState reads what is remembered; ok is false if it is nothing, or damaged.
func loadState(dir string) (s state, ok bool, err error) {
	b, err := os.ReadFile(filepath.Join(dir, stateFile))
	if errors.Is(err, fs.ErrNotExist) {
		return state{}, false, nil
	}
	if err != nil {
		return state{}, false, fmt.Errorf("what was backed up: %w", err)
	}
	if json.Unmarshal(b, &s) != nil || s.Writer == "" {
		return state{}, false, nil
	}
	return s, true, nil
}

func (s state) save(dir string) error {
	b, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	return renameio.WriteFile(filepath.Join(dir, stateFile), b, 0o600)
}

// MarshalText and UnmarshalText write a sum as FORMAT.md has it.
func (s Sum) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (s *Sum) UnmarshalText(b []byte) error {
	if string(b) == "none" {
		*s = Sum{}
		return nil
	}
	l := lines{rest: "sum " + string(b)}
	if *s = l.sum("sum"); *s == (Sum{}) {
		return errStatement
	}
	return nil
}

// packFile names the list of the blobs that a pack has: their ids, 16 bytes each.
func packFile(dir, pack string) string { return filepath.Join(dir, filepath.Base(pack)+".ids") }

// savePack remembers what a pack has.
func savePack(dir, pack string, ids []mail.ID) error {
	b := make([]byte, 0, len(ids)*len(mail.ID{}))
	for _, id := range ids {
		b = append(b, id[:]...)
	}
	return renameio.WriteFile(packFile(dir, pack), b, 0o600)
}

// loadPack returns what a pack has; ok is false if nobody knows.
func loadPack(dir, pack string) (ids []mail.ID, ok bool, err error) {
	b, err := os.ReadFile(packFile(dir, pack))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	size := len(mail.ID{})
	if err != nil || len(b)%size != 0 {
		return nil, false, err
	}
	for i := 0; i < len(b); i += size {
		ids = append(ids, mail.ID(b[i:i+size]))
	}
	return ids, true, nil
}
