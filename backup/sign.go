package backup

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"

	"golang.org/x/mod/sumdb/note"
)

// ErrSignature says that a statement is not signed by the key that it should be.
var ErrSignature = errors.New("a statement is not signed by this appliance")

// Signer signs statements of one installation.
type Signer struct {
	verifier note.Verifier
	public   string
	// sign holds the key. Of a function fmt prints the address only.
	sign func(text []byte) []byte
}

// NewSigner returns the signer of an installation, by its name and the seed of an Ed25519
// key, 32 bytes.
func NewSigner(installation string, seed []byte) (*Signer, error) {
	if len(seed) != ed25519.SeedSize {
		return nil, errors.New("no seed for signing backups")
	}
	key := ed25519.NewKeyFromSeed(seed)
	public, err := note.NewEd25519VerifierKey("sigill/backup/"+installation, key.Public().(ed25519.PublicKey))
	if err != nil {
		return nil, err
	}
	v, err := note.NewVerifier(public)
	if err != nil {
		return nil, err
	}
	return &Signer{verifier: v, public: public, sign: func(text []byte) []byte { return ed25519.Sign(key, text) }}, nil
}

// Public is the verifier key of a signed note, "name+hash+key".
func (s *Signer) Public() string { return s.public }

// Format prints [secret] for every verb.
func (s *Signer) Format(f fmt.State, _ rune) { io.WriteString(f, "[secret]") }

// signing is the signer as the library wants it.
type signing struct{ *Signer }

func (s signing) Name() string                     { return s.verifier.Name() }
func (s signing) KeyHash() uint32                  { return s.verifier.KeyHash() }
func (s signing) Sign(text []byte) ([]byte, error) { return s.sign(text), nil }

// Sign writes a statement as a signed note.
func (s *Signer) Sign(st Statement) ([]byte, error) {
	return note.Sign(&note.Note{Text: st.text()}, signing{s})
}

// Verifier checks statements of one installation.
type Verifier struct{ note.Verifier }

// ParseVerifier reads what Public wrote.
func ParseVerifier(text string) (Verifier, error) {
	v, err := note.NewVerifier(text)
	if err != nil {
		return Verifier{}, errors.New("no key of statements")
	}
	return Verifier{v}, nil
}

// Open reads a statement. It returns its sum as well, by which the next one names it. The
// error is ErrSignature, or says that it is malformed.
func (v Verifier) Open(signed []byte) (Statement, Sum, error) {
	if len(signed) > maxStatement {
		return Statement{}, Sum{}, errStatement
	}
	n, err := note.Open(signed, note.VerifierList(v.Verifier))
	var unknown *note.UnverifiedNoteError
	var invalid *note.InvalidSignatureError
	switch {
	case errors.As(err, &unknown), errors.As(err, &invalid):
		return Statement{}, Sum{}, ErrSignature
	case err != nil:
		return Statement{}, Sum{}, errStatement
	}
	// One signature, in one spelling: by its sum the next statement names this one.
	if len(n.Sigs) != 1 || len(n.UnverifiedSigs) > 0 {
		return Statement{}, Sum{}, errStatement
	}
	if _, err := base64.StdEncoding.Strict().DecodeString(n.Sigs[0].Base64); err != nil {
		return Statement{}, Sum{}, errStatement
	}
	s, err := parseStatement(n.Text)
	return s, sha256.Sum256(signed), err
}
