package updater

import (
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"time"
)

// Seen is the highest that each key has signed, of what was checked here, by the key's id.
// It only ever rises.
type Seen map[string]Sight

// Sight is what one key has signed.
type Sight struct {
	Version string    `json:"version"` // the highest
	Issued  time.Time `json:"issued"`  // the latest
}

// mostSeen bounds how many keys are remembered; keys change once in years.
const mostSeen = 100

// ParseSeen reads what MarshalJSON has written. Nothing at all is nothing seen.
func ParseSeen(text []byte) (Seen, error) {
	s := Seen{}
	if len(text) == 0 {
		return s, nil
	}
	return s, json.Unmarshal(text, &s)
}

// With returns the higher of both for each key.
func (s Seen) With(other Seen) Seen {
	all := maps.Clone(s)
	if all == nil {
		all = Seen{}
	}
	for key, b := range other {
		a := all[key]
		if a.Version == "" || newer(b.Version, a.Version) {
			a.Version = b.Version
		}
		if b.Issued.After(a.Issued) {
			a.Issued = b.Issued
		}
		if _, known := all[key]; known || len(all) < mostSeen {
			all[key] = a
		}
	}
	return all
}

// And returns it with a manifest that these have signed.
func (s Seen) And(m Manifest, by []Signature) Seen {
	more := Seen{}
	for _, x := range by {
		more[x.Key] = Sight{m.Version, m.Issued}
	}
	return s.With(more)
}

// above reports whether one of these keys has signed a higher version, or later.
func (s Seen) above(m Manifest, by []Signature) bool {
	for _, x := range by {
		if a, ok := s[x.Key]; ok && (newer(a.Version, m.Version) || a.Issued.After(m.Issued)) {
			return true
		}
	}
	return false
}

// ReadSeen reads a file of them; one that is not there holds nothing.
func ReadSeen(path string) (Seen, error) {
	text, err := readBounded(path, maxManifest)
	if errors.Is(err, fs.ErrNotExist) {
		return Seen{}, nil
	}
	if err != nil {
		return nil, err
	}
	return ParseSeen(text)
}

// WriteSeen writes such a file, whole or not at all.
func WriteSeen(disk Disk, path string, s Seen) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return replace(disk, path, text, 0o600)
}
