package journal

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
)

// C2SP signed-note: text, an empty line, and signature lines
//
//	"— " name " " base64(key id(4) ‖ signature)
//
// with key id = SHA-256(name ‖ LF ‖ 0x01 ‖ public key)[:4] for Ed25519. The signature
// is over the text with its last line feed.

// maxNote bounds a note, in bytes: ours has about 300, the rest is room for the
// signatures of witnesses.
const maxNote = 4096

const (
	algEd25519 = 1
	dash       = "— " // U+2014
)

// ErrSignature says that a checkpoint is not signed by the key that it should be.
var ErrSignature = errors.New("journal: checkpoint is not signed by this journal's key")

// PublicKey checks checkpoints of one journal.
type PublicKey struct {
	origin string
	key    ed25519.PublicKey
}

// ParsePublicKey reads what String wrote: name+key id+base64(0x01 ‖ key), as every
// tool for signed notes has it.
func ParsePublicKey(s string) (PublicKey, error) {
	bad := errors.New("journal: not a verifier key of a signed note")
	name, rest, _ := strings.Cut(s, "+")
	_, b64, _ := strings.Cut(rest, "+")
	b, err := base64.StdEncoding.DecodeString(b64)
	if err != nil || len(b) != 1+ed25519.PublicKeySize || b[0] != algEd25519 || !isOrigin(name) {
		return PublicKey{}, bad
	}
	k := PublicKey{name, ed25519.PublicKey(b[1:])}
	if k.String() != s {
		return PublicKey{}, bad // the id is not the key's
	}
	return k, nil
}

// String returns the verifier key.
func (k PublicKey) String() string {
	id := k.id()
	return k.origin + "+" + hex.EncodeToString(id[:]) + "+" + base64.StdEncoding.EncodeToString(append([]byte{algEd25519}, k.key...))
}

// Open returns the checkpoint that the note signs. Lines of other signers are passed
// over. The error is ErrSignature or says that the note is malformed.
func (k PublicKey) Open(note []byte) (Checkpoint, error) {
	i := bytes.LastIndex(note, []byte("\n\n"))
	if len(note) > maxNote || i < 0 || len(note) < i+3 || note[len(note)-1] != '\n' {
		return Checkpoint{}, errMalformed
	}
	text, lines := note[:i+1], strings.Split(string(note[i+2:len(note)-1]), "\n")
	signed := false
	for _, line := range lines {
		sig, ok := strings.CutPrefix(line, dash)
		if !ok {
			return Checkpoint{}, errMalformed
		}
		switch ours, err := k.check(text, sig); {
		case err != nil:
			return Checkpoint{}, err
		case ours && signed:
			return Checkpoint{}, errMalformed // one line of ours, so one checkpoint has one form
		case ours:
			signed = true
		}
	}
	if !signed {
		return Checkpoint{}, ErrSignature
	}
	return parseCheckpoint(string(text), k.origin)
}

// check reports whether the line "name base64" is ours; if so and it is no signature
// of text, the error says so.
func (k PublicKey) check(text []byte, line string) (ours bool, err error) {
	name, b64, _ := strings.Cut(line, " ")
	b, err := base64.StdEncoding.Strict().DecodeString(b64)
	if err != nil || strings.ContainsAny(b64, "\r\n") || name == "" || len(b) < 5 {
		return false, errMalformed
	}
	id := k.id()
	if name != k.origin || !bytes.Equal(b[:4], id[:]) {
		return false, nil
	}
	if len(k.key) != ed25519.PublicKeySize || !ed25519.Verify(k.key, text, b[4:]) {
		return true, ErrSignature
	}
	return true, nil
}

func (k PublicKey) id() [4]byte {
	h := sha256.Sum256(append([]byte(k.origin+"\n\x01"), k.key...))
	return [4]byte(h[:4])
}

// Signer signs checkpoints of one journal.
type Signer struct {
	public PublicKey
	// sign holds the key. fmt prints a slice, also one in a struct of somebody else where
	// it may not call Format; of a function it knows the address only.
	sign func(text []byte) []byte
}

// NewSigner returns the signer of the journal called origin, such as
// "sigill.example.se/journal"; seed has 32 bytes.
func NewSigner(origin string, seed []byte) (*Signer, error) {
	if !isOrigin(origin) {
		return nil, fmt.Errorf("journal: %.80q is no name of a journal", origin)
	}
	if len(seed) != ed25519.SeedSize || bytes.Equal(seed, make([]byte, ed25519.SeedSize)) {
		return nil, errors.New("journal: no seed for the signature")
	}
	key := ed25519.NewKeyFromSeed(seed)
	return &Signer{
		public: PublicKey{origin, key.Public().(ed25519.PublicKey)},
		sign:   func(text []byte) []byte { return ed25519.Sign(key, text) },
	}, nil
}

// Public returns the key that checks what s signs.
func (s *Signer) Public() PublicKey { return s.public }

// Sign returns c as a signed note. The time is cut to whole seconds.
func (s *Signer) Sign(c Checkpoint) []byte {
	text := c.text(s.public.origin)
	id := s.public.id()
	sig := base64.StdEncoding.EncodeToString(append(id[:], s.sign([]byte(text))...))
	return []byte(text + "\n" + dash + s.public.origin + " " + sig + "\n")
}

// Format prints [secret] for every verb.
func (s *Signer) Format(f fmt.State, _ rune) { io.WriteString(f, "[secret]") }

// isOrigin is narrower than the specification's key name: printable ASCII, so that a
// name has one spelling.
func isOrigin(s string) bool {
	if s == "" || len(s) > 255 {
		return false
	}
	for _, c := range []byte(s) {
		if c <= ' ' || c > '~' || c == '+' {
			return false
		}
	}
	return true
}
