package updater

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"time"
)

// Phase is how far an update has come.
type Phase string

// The phases of an update, as the service writes them.
const (
	Idle     Phase = ""         // there was none yet
	Trying   Phase = "trying"   // the snapshot is whole; the new program has the data
	Tried    Phase = "tried"    // the new program works here, and may have the program's name
	Going    Phase = "going"    // somebody asks for the program before
	Done     Phase = "done"     // the new program has opened its doors
	Returned Phase = "returned" // the old program stands, and its data
)

// Journal is what the service keeps of the last update. Whoever reads it at a start goes on
// from it.
type Journal struct {
	Phase   Phase     `json:"phase"`
	From    Program   `json:"from"`
	To      Program   `json:"to"`
	At      time.Time `json:"at"`               // of the phase
	Why     string    `json:"why,omitempty"`    // of Returned: a Refusal, a Hitch
	Schema  int64     `json:"schema,omitempty"` // of the data before
	Copies  []Copied  `json:"copies,omitempty"` // of the snapshot
	Message string    `json:"message,omitempty"`
}

// attempt names one try of one program.
func (j Journal) attempt() string { return j.To.Sum + " " + j.At.Format(time.RFC3339Nano) }

// Program is one program.
type Program struct {
	Version string `json:"version"`
	Sum     string `json:"sum"` // SHA-256, hex
}

// Hitch is why an update went back, besides refusals.
type Hitch string

// The hitches. Pages have a sentence for each.
const (
	Failed   Hitch = "failed"   // the new program has said in its trial that something is wrong
	Silent   Hitch = "silent"   // it has said nothing in time
	Broken   Hitch = "broken"   // the update was broken off before the swap
	NotSwung Hitch = "notswung" // the program was not put in its place
	Starts   Hitch = "starts"   // it did not come as far as opening its doors
)

// Error says what has happened, for the operator.
func (h Hitch) Error() string {
	switch h {
	case Failed:
		return "the new program does not work with what is kept here"
	case Silent:
		return "the new program has not answered in time"
	case Broken:
		return "the update was broken off"
	case NotSwung:
		return "the new program was not put in its place"
	case Starts:
		return "the new program has not opened its doors in three starts"
	}
	return string(h)
}

// maxMessage is how many bytes are kept of what went wrong.
const maxMessage = 1 << 10

// why is the word for what went wrong.
func why(err error) string {
	var r Refusal
	var h Hitch
	switch {
	case errors.As(err, &r):
		return string(r)
	case errors.As(err, &h):
		return string(h)
	}
	return string(Failed)
}

func readJSON(path string, into any) error {
	text, err := readBounded(path, maxManifest)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

func writeJSON(disk Disk, path string, v any, mode fs.FileMode) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return replace(disk, path, text, mode)
}

// SumOf returns the SHA-256 of a file, hex.
func SumOf(path string) (string, error) {
	f, err := open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
