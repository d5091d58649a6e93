package updater

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"strings"
)

// Names in a bundle.
const (
	nameManifest  = "manifest.json"
	nameProgram   = "sigill"
	nameSignature = nameManifest + ".%.minisig" // % is 1, 2 or 3
)

// maxBundle bounds a bundle, in bytes: the program, the head, and what tar adds to each.
const maxBundle = maxProgram + maxManifest + keysInAll*maxSignature + 64<<10

// Bundle is a release whose head was read and found good.
type Bundle struct {
	Manifest Manifest
	By       []Signature // at least two

	program *tar.Reader
}

// Open reads the head of a bundle and checks who has signed it. The error is a Refusal,
// unless r has failed.
func Open(r io.Reader, keys Keys) (*Bundle, error) {
	if len(keys) == 0 {
		return nil, NoKeys
	}
	t := tar.NewReader(io.LimitReader(r, maxBundle))
	manifest, err := part(t, maxManifest, func(name string) bool { return name == nameManifest })
	if err != nil {
		return nil, err
	}
	var signatures [][]byte
	last, program := "", false
	for !program {
		text, err := part(t, maxSignature, func(name string) bool {
			n, ok := number(name)
			program = name == nameProgram
			ok = ok && n > last
			last = n
			return ok || program
		})
		if err != nil {
			return nil, err
		}
		if !program {
			signatures = append(signatures, text)
		}
	}
	b := &Bundle{By: keys.signedBy(manifest, signatures), program: t}
	if len(b.By) < keysNeed {
		return nil, Unsigned
	}
	if b.Manifest, err = parseManifest(manifest); err != nil {
		return nil, err
	}
	for _, s := range b.By {
		if s.Comment != b.Manifest.comment() {
			return nil, Unsigned // it says that something else was signed
		}
	}
	return b, nil
}

// number is which signature a name is of.
func number(name string) (n string, ok bool) {
	before, after, _ := strings.Cut(nameSignature, "%")
	n, ok = strings.CutPrefix(name, before)
	if ok {
		n, ok = strings.CutSuffix(n, after)
	}
	return n, ok && len(n) == 1 && strings.Contains("123", n)
}

// part goes to the next file of an archive, which must have a name that is wanted, and reads
// it, unless it is the program.
func part(t *tar.Reader, most int64, wanted func(name string) bool) ([]byte, error) {
	h, err := t.Next()
	if err != nil {
		return nil, readingFailed(err)
	}
	if h.Typeflag != tar.TypeReg || !wanted(h.Name) {
		return nil, Damaged
	}
	if h.Name == nameProgram {
		return nil, nil
	}
	if h.Size > most {
		return nil, Damaged
	}
	text, err := io.ReadAll(io.LimitReader(t, most))
	return text, readingFailed(err)
}

// readingFailed is Damaged for what an archive may have wrong, and else whatever has failed.
func readingFailed(err error) error {
	if err == nil || err == io.EOF || errors.Is(err, tar.ErrHeader) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, tar.ErrFieldTooLong) || errors.Is(err, tar.ErrInsecurePath) || errors.Is(err, tar.ErrWriteTooLong) {
		if err != nil {
			return Damaged
		}
		return nil
	}
	return err
}

// Program copies the program to w. The error is Damaged if it is not the one that was
// signed: w must be thrown away then.
func (b *Bundle) Program(w io.Writer) error {
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(w, sum), io.LimitReader(b.program, b.Manifest.Size+1))
	if err != nil {
		return readingFailed(err)
	}
	if n != b.Manifest.Size || hex.EncodeToString(sum.Sum(nil)) != b.Manifest.SHA256 {
		return Damaged
	}
	if _, err := b.program.Next(); err != io.EOF {
		if err == nil {
			err = Damaged
		}
		return readingFailed(err)
	}
	return nil
}
