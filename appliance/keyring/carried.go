package keyring

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
)

// The files of `sigill recover` are carried from one machine to another on whatever is
// at hand: text, with a sum over all of it (FORMAT.md, 6.2).

const (
	carriedLine = 64       // characters of base64
	maxCarried  = 16 << 10 // bytes of such a file; a request has less than 7,000
)

// errCarried is what a damaged file gives, whatever has happened to it.
var errCarried = errors.New("the file is damaged, or not whole")

// carry writes content as a file that begins with mark.
func carry(mark string, content []byte) []byte {
	sum := sha256.Sum256(append([]byte(mark), content...))
	text := base64.StdEncoding.EncodeToString(append(bytes.Clone(content), sum[:]...))
	var b strings.Builder
	b.WriteString(mark)
	for len(text) > carriedLine {
		b.WriteString(text[:carriedLine] + "\n")
		text = text[carriedLine:]
	}
	b.WriteString(text + "\n")
	return []byte(b.String())
}

// carried reads what carry wrote. Line ends of another system are taken too; beyond
// that there is one writing of each content, or the file would not be known again by its
// sum.
func carried(mark string, file []byte) ([]byte, error) {
	if len(file) > maxCarried {
		return nil, errCarried
	}
	file = bytes.ReplaceAll(file, []byte("\r\n"), []byte("\n"))
	text, ok := strings.CutPrefix(string(file), mark)
	if !ok {
		return nil, errCarried
	}
	all, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(text, "\n", ""))
	if err != nil || len(all) < sha256.Size {
		return nil, errCarried
	}
	content := all[:len(all)-sha256.Size]
	if !bytes.Equal(carry(mark, content), file) {
		return nil, errCarried
	}
	return content, nil
}
