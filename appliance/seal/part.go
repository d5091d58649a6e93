package seal

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"io"

	"filippo.io/age"
	"golang.org/x/crypto/chacha20poly1305"
)

// Part is the key of one piece of one part of one message. It is both the age
// recipient and the age identity of that piece's file (FORMAT.md, 2.2).
type Part struct{ key Secret }

const stanzaType = "sigill/part/1"

// NewPart returns the key of piece k of part n of message m.
func NewPart(cek Secret, m ID, n, k uint32) Part {
	if cek.IsZero() {
		return Part{} // encrypts nothing and decrypts nothing
	}
	return Part{Derive(NewContext("part", m).Number(n).Number(k), cek)}
}

// Encrypt returns a writer that encrypts to w as an age file. The file is whole
// only after Close has returned nil.
func (p Part) Encrypt(w io.Writer) (io.WriteCloser, error) { return age.Encrypt(w, p) }

// Decrypt returns the clear bytes of the age file r. Truncation shows as an error
// at the end of reading, never as a short success.
func (p Part) Decrypt(r io.Reader) (io.Reader, error) {
	d, err := age.Decrypt(r, p)
	if err != nil {
		return nil, ErrOpen
	}
	return opaque{d}, nil
}

// DecryptAt returns random access to the clear bytes of an age file of size bytes,
// and how many clear bytes there are.
func (p Part) DecryptAt(r io.ReaderAt, size int64) (io.ReaderAt, int64, error) {
	d, n, err := age.DecryptReaderAt(r, size, p)
	if err != nil {
		return nil, 0, ErrOpen
	}
	return opaqueAt{d, n}, n, nil
}

// opaque makes every error but the end ErrOpen.
type opaque struct{ r io.Reader }

func (o opaque) Read(b []byte) (int, error) {
	n, err := o.r.Read(b)
	if err != nil && err != io.EOF {
		err = ErrOpen
	}
	return n, err
}

// opaqueAt is the same for random access, where age tells of the chunk. Reading
// beyond the end is no fault of the file.
type opaqueAt struct {
	r io.ReaderAt
	n int64
}

func (o opaqueAt) ReadAt(b []byte, off int64) (int, error) {
	if off > o.n {
		return 0, io.EOF
	}
	n, err := o.r.ReadAt(b, off)
	if err != nil && err != io.EOF {
		err = ErrOpen
	}
	return n, err
}

// Wrap makes the stanza that holds the file key.
func (p Part) Wrap(fileKey []byte) ([]*age.Stanza, error) {
	s, _, err := p.WrapWithLabels(fileKey)
	return s, err
}

// WrapWithLabels asks for a random label, so that age refuses any other recipient
// beside this one: a second way into a part would escape the slots.
func (p Part) WrapWithLabels(fileKey []byte) ([]*age.Stanza, []string, error) {
	if p.key.IsZero() {
		return nil, nil, errors.New("seal: a part without a key")
	}
	a, err := chacha20poly1305.New(p.key.raw())
	if err != nil {
		return nil, nil, err
	}
	// Random and not fixed: a part written again after a crash has the same key and
	// another file key.
	nonce := make([]byte, a.NonceSize())
	rand.Read(nonce)
	return []*age.Stanza{{
		Type: stanzaType,
		Args: []string{base64.RawStdEncoding.EncodeToString(nonce)},
		Body: a.Seal(nil, nonce, fileKey, []byte(stanzaType)),
	}}, []string{rand.Text()}, nil
}

// Unwrap takes exactly one stanza of our own and nothing beside it.
func (p Part) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	if p.key.IsZero() || len(stanzas) != 1 || stanzas[0].Type != stanzaType || len(stanzas[0].Args) != 1 || len(stanzas[0].Body) != 32 {
		return nil, age.ErrIncorrectIdentity
	}
	// Strict: another spelling of the same nonce would be another file with the same
	// content.
	nonce, err := base64.RawStdEncoding.Strict().DecodeString(stanzas[0].Args[0])
	if err != nil || len(nonce) != chacha20poly1305.NonceSize {
		return nil, age.ErrIncorrectIdentity
	}
	a, err := chacha20poly1305.New(p.key.raw())
	if err != nil {
		return nil, err
	}
	fileKey, err := a.Open(nil, nonce, stanzas[0].Body, []byte(stanzaType))
	if err != nil {
		return nil, age.ErrIncorrectIdentity
	}
	return fileKey, nil
}
