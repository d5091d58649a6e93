package appliance_test

import (
	"bytes"
	"compress/flate"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

// marks is what must be nowhere: secrets by name, each looked for as it is and in
// every writing in which a program might have put it down.
type marks struct {
	needles []needle
	first   [1 << 16]bool       // by a needle's first two bytes
	by      map[uint32][]int    // by its first four
	said    map[string]struct{} // what was looked for, so that nothing is twice
}

type needle struct {
	name  string // "subject, base64"
	bytes []byte
	whole bool // digits: no digit before or after
}

func newMarks() *marks { return &marks{by: map[uint32][]int{}, said: map[string]struct{}{}} }

// fresh makes a mark that is a plain word, so that no parser changes it.
func (m *marks) fresh(name string) string {
	word := "zq" + strings.ToLower(rand.Text()[:14])
	m.text(name, word)
	return word
}

// text looks for a secret that people or programs write as text.
func (m *marks) text(name, s string) {
	m.add(name+", raw", []byte(s))
	m.add(name+", lower case", []byte(strings.ToLower(s)))
	m.add(name+", upper case", []byte(strings.ToUpper(s)))
	m.writings(name, []byte(s))
	u := utf16.Encode([]rune(s))
	le, be := make([]byte, 0, 2*len(u)), make([]byte, 0, 2*len(u))
	for _, c := range u {
		le, be = binary.LittleEndian.AppendUint16(le, c), binary.BigEndian.AppendUint16(be, c)
	}
	m.add(name+", UTF-16LE", le)
	m.add(name+", UTF-16BE", be)
	var qp, url strings.Builder
	for _, c := range []byte(s) {
		fmt.Fprintf(&qp, "=%02X", c)
		fmt.Fprintf(&url, "%%%02X", c)
	}
	m.add(name+", quoted-printable", []byte(qp.String()))
	m.add(name+", URL", []byte(url.String()))
	m.add(name+", url", []byte(strings.ToLower(url.String())))
}

// digits looks for a number. Six digits are in many a number of nobody's, so it
// must not be part of a longer one.
func (m *marks) digits(name, s string) {
	m.text(name, s)
	for i := range m.needles {
		if n := &m.needles[i]; string(n.bytes) == s {
			n.whole = true
		}
	}
}

// key looks for secret bytes.
func (m *marks) key(name string, b []byte) {
	m.add(name+", raw", b)
	m.writings(name, b)
}

// writings adds hex and base64, the latter at each of the three places in a group
// where it may begin.
func (m *marks) writings(name string, b []byte) {
	m.add(name+", hex", []byte(hex.EncodeToString(b)))
	m.add(name+", HEX", []byte(strings.ToUpper(hex.EncodeToString(b))))
	for _, e := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for off := range 3 {
			text := e.EncodeToString(append(make([]byte, off), b...))
			// Of the first and last characters a part belongs to the neighbours.
			text = text[(off*8+5)/6:]
			if (off+len(b))%3 != 0 {
				text = text[:len(text)-1]
			}
			m.add(name+", base64", []byte(text))
		}
	}
}

func (m *marks) add(name string, b []byte) {
	if _, ok := m.said[string(b)]; ok || len(b) < 4 {
		return
	}
	m.said[string(b)] = struct{}{}
	m.first[binary.LittleEndian.Uint16(b)] = true
	at := binary.LittleEndian.Uint32(b)
	m.by[at] = append(m.by[at], len(m.needles))
	m.needles = append(m.needles, needle{name: name, bytes: b})
}

// in returns the names of what stands in b, also in what was squeezed.
func (m *marks) in(b []byte) []string {
	found := map[string]bool{}
	m.look(b, found)
	for i := 0; i+18 < len(b); i++ {
		var r io.Reader
		switch {
		case b[i] == 0x1f && b[i+1] == 0x8b && b[i+2] == 8: // gzip without names: ten bytes of header
			r = flate.NewReader(bytes.NewReader(b[i+10:]))
		case b[i] == 0x78 && (b[i+1] == 1 || b[i+1] == 0x9c || b[i+1] == 0xda): // zlib
			r = flate.NewReader(bytes.NewReader(b[i+2:]))
		default:
			continue
		}
		plain, _ := io.ReadAll(io.LimitReader(r, 1<<20)) // what is none ends by an error
		m.look(plain, found)
	}
	return slices.Sorted(maps.Keys(found))
}

func (m *marks) look(b []byte, found map[string]bool) {
	for i := 0; i+4 <= len(b); i++ {
		if !m.first[uint16(b[i])|uint16(b[i+1])<<8] {
			continue
		}
		for _, k := range m.by[binary.LittleEndian.Uint32(b[i:])] {
			n := &m.needles[k]
			if !bytes.HasPrefix(b[i:], n.bytes) {
				continue
			}
			end := i + len(n.bytes)
			if n.whole && (i > 0 && digit(b[i-1]) || end < len(b) && digit(b[end])) {
				continue
			}
			found[n.name] = true
		}
	}
}

func digit(b byte) bool { return '0' <= b && b <= '9' }

// inDir returns what stands in the files under a directory, and in their names.
func (m *marks) inDir(t testing.TB, dir string) (found []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(dir, path)
		for _, n := range m.in([]byte(rel)) {
			found = append(found, "the name of "+rel+": "+n)
		}
		if !d.Type().IsRegular() {
			return nil
		}
		b, err := os.ReadFile(path)
		for _, n := range m.in(b) {
			found = append(found, rel+": "+n)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
