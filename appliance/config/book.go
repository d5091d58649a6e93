package config

import (
	"crypto/sha256"
	"io"
	"os"
	"slices"
	"time"

	"github.com/pelletier/go-toml/v2"
)

// origin is where a configuration was read from.
type origin struct {
	path    string            // "" if there is no file
	sum     [sha256.Size]byte // of the file's text
	written map[string]bool   // the keys that stand in the file
	environ map[string]bool   // the variables that took a key's place
}

// Book is every setting, beside the file as it is now.
type Book struct {
	Path    string    // "" if there is no file
	Written time.Time // when the file was changed last; zero if it cannot be seen
	Changed bool      // it says something else than when this program began
	Fault   error     // why the program would not begin with it, as it is now; it holds no secret
	All     []Setting
}

// Book reads the file again, if there is one: what somebody has changed holds only when the
// program begins anew, and they should know, and whether it will begin.
func (c Config) Book(languages ...string) Book {
	b := Book{Path: c.origin.path, All: c.Settings()}
	if b.Path == "" {
		return b
	}
	text, written, err := readFile(b.Path)
	if b.Written = written; err == nil && sha256.Sum256(text) == c.origin.sum {
		return b
	}
	b.Changed = true
	next, err := Load(b.Path, languages...)
	if err != nil {
		b.Fault = err
		return b
	}
	for i, s := range next.Settings() {
		if now := &b.All[i]; !slices.Equal(now.Values, s.Values) {
			now.Next, now.Differs = s.Values, true
		}
	}
	return b
}

// readFile returns the text of a configuration file, at most a byte more than is allowed,
// and when it was changed.
func readFile(path string) (text []byte, written time.Time, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, written, err
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil {
		written = info.ModTime()
	}
	text, err = io.ReadAll(io.LimitReader(f, maxFile+1))
	return text, written, err
}

// keysIn are the keys that stand in a text, those of a list's tables once.
func keysIn(text []byte) map[string]bool {
	var all map[string]any
	if toml.Unmarshal(text, &all) != nil {
		return nil // Parse has said why
	}
	keys := map[string]bool{}
	gather(all, "", keys)
	return keys
}

func gather(table map[string]any, before string, keys map[string]bool) {
	for name, v := range table {
		key := before + name
		keys[key] = true
		switch v := v.(type) {
		case map[string]any:
			gather(v, key+".", keys)
		case []any:
			for _, x := range v {
				if t, ok := x.(map[string]any); ok {
					gather(t, key+".", keys)
				}
			}
		}
	}
}
