package seal_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"

	"sigill/appliance/keyring"
	"sigill/appliance/seal"
)

// fill is a key that is easily seen in whatever form it is printed.
var fill = bytes.Repeat([]byte{0xab}, 32)

// shows reports whether s has three of fill's bytes in a row.
func shows(s string) bool {
	for _, form := range []string{"\xab\xab\xab", "ababab", "ABABAB", "171 171 171", "171,171,171", "171, 171", "0xab, 0xab", "0xab 0xab", "0XAB 0XAB",
		`\xab\xab\xab`, "q6urq6ur", "10101011 10101011", "253 253 253", "0253 0253", "ab ab ab", "AB AB AB", "'«' '«'", "U+00AB U+00AB", "«««"} {
		if strings.Contains(s, form) {
			return true
		}
	}
	return false
}

func TestNothingIsPrinted(t *testing.T) {
	s := secretOf(fill)
	key := seal.PrivateKeyOf(s)
	app := keyring.NewApp(s, fill[:1])
	kit := keyring.Kit{Backup: s, App: s, Custody: keyring.Custody{Recovery: s, Helper: s}}
	epochs := keyring.NewEpochs()
	type hidden struct{ s seal.Secret }
	type deep struct {
		m map[string]seal.Secret
		l []seal.Secret
		h *hidden
		i any
		a [2]seal.Secret
		k seal.PrivateKey
		p seal.Part
	}
	things := map[string]any{
		"Secret": s, "*Secret": &s, "[]Secret": []seal.Secret{s, s}, "map": map[string]seal.Secret{"k": s}, "exported": struct{ S seal.Secret }{s},
		"*exported": &struct{ S *seal.Secret }{&s}, "unexported": hidden{s}, "*unexported": &hidden{s},
		"deep": deep{map[string]seal.Secret{"k": s}, []seal.Secret{s}, &hidden{s}, s, [2]seal.Secret{s, s}, key, seal.NewPart(s, seal.ID{}, 1, 0)},
		"Lock": seal.Lock{Inner: s, SKm: s, SKh: s}, "*Lock": &seal.Lock{Inner: s, SKm: s, SKh: s}, "PrivateKey": key, "*PrivateKey": &key,
		"holds a key": struct{ k seal.PrivateKey }{key}, "*holds a key": &struct{ k *seal.PrivateKey }{&key}, "Kit": kit, "*Kit": &kit, "App": app,
		"Person": keyring.NewPerson(seal.ID{}, s), "Guest": keyring.NewGuest(seal.ID{}, keyring.CodeSecret{L: s}, s),
		"CodeSecret": keyring.CodeSecret{L: s}, "Epoch": keyring.Epoch{Key: s}, "Epochs": epochs, "error": fmt.Errorf("with %v and %x", s, s),
	}
	seen := false
	for name, thing := range things {
		for _, verb := range "vTtbcdoOqxXUeEfFgGspw" {
			for _, flags := range []string{"", "+", "#", " ", "0", "+#", "# ", "40", "-40.3"} {
				out := fmt.Sprintf("%"+flags+string(verb), thing)
				if shows(out) {
					t.Errorf("%s with %%%s%c: %.200s", name, flags, verb, out)
				}
				seen = seen || strings.Contains(out, "[secret]")
			}
		}
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", "k", thing, slog.Group("g", "k", thing))
		slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "k", thing, slog.Any("a", []any{thing}))
		if shows(log.String()) {
			t.Errorf("%s in slog: %.300s", name, log.String())
		}
		for enc, f := range map[string]func(io.Writer) error{
			"json": func(w io.Writer) error { return json.NewEncoder(w).Encode(thing) },
			"gob":  func(w io.Writer) error { return gob.NewEncoder(w).Encode(thing) },
			"xml":  func(w io.Writer) error { return xml.NewEncoder(w).Encode(thing) },
		} {
			var b bytes.Buffer
			err := f(&b) // it may refuse
			if shows(b.String()) || err != nil && shows(err.Error()) {
				t.Errorf("%s in %s: %.300q %v", name, enc, b.String(), err)
			}
		}
		func() {
			defer func() {
				if out := fmt.Sprint(recover()); shows(out) {
					t.Errorf("%s in a panic: %.200s", name, out)
				}
			}()
			panic(thing)
		}()
	}
	if !seen {
		t.Error("nothing said [secret]: the test looks at nothing")
	}
	t.Run("the test sees a key that is printed", func(t *testing.T) {
		raw := struct{ b [32]byte }{[32]byte(fill)}
		for _, f := range []string{"%v", "%+v", "%#v", "%x", "%X", "%d", "%s", "%q", "%o", "%b"} {
			if !shows(fmt.Sprintf(f, raw)) {
				t.Errorf("not with %s: %s", f, fmt.Sprintf(f, raw))
			}
		}
	})
}

func TestSecret(t *testing.T) {
	t.Run("only 32 bytes are one", func(t *testing.T) {
		for n := range 70 {
			_, err := seal.SecretOf(bytes.Repeat([]byte{1}, n))
			if (err == nil) != (n == 32) || err != nil && !errors.Is(err, seal.ErrOpen) {
				t.Errorf("%d bytes: %v", n, err)
			}
		}
	})
	t.Run("it is a copy, and gives copies", func(t *testing.T) {
		b := bytes.Clone(fill)
		s := secretOf(b)
		b[0] = 0
		s.Bytes()[1] = 0
		if !bytes.Equal(s.Bytes(), fill) {
			t.Error("it was changed from outside")
		}
	})
	t.Run("two are equal if their bytes are", func(t *testing.T) {
		a, b := seal.NewSecret(), seal.NewSecret()
		if a.Equal(b) || !a.Equal(a) || !a.Equal(secretOf(a.Bytes())) || a.Equal(seal.Secret{}) || (seal.Secret{}).Equal(a) || !(seal.Secret{}).Equal(seal.Secret{}) {
			t.Error("they are not")
		}
		if a.IsZero() || !(seal.Secret{}).IsZero() || len((seal.Secret{}).Bytes()) != 32 {
			t.Error("zero")
		}
	})
}

func TestContext(t *testing.T) {
	t.Run("two contexts that begin alike do not write into each other", func(t *testing.T) {
		base := seal.NewContext("wrap").Number(1)
		a, b := base.ID(seal.ID{1}), base.ID(seal.ID{2})
		c, d := base.Text("x"), base.Number(7)
		if a[len(base)] != 1 || b[len(base)] != 2 || c[len(base)] != 'x' || d[len(d)-1] != 7 {
			t.Errorf("%q %q %q %q", a, b, c, d)
		}
	})
	t.Run("different purposes and ids are different strings", func(t *testing.T) {
		seen := map[string]bool{}
		for _, c := range []seal.Context{seal.NewContext(""), seal.NewContext("a"), seal.NewContext("ab"), seal.NewContext("a", seal.ID{}), seal.NewContext("a", seal.ID{1}), seal.NewContext("a", seal.ID{1}, seal.ID{}),
			seal.NewContext("a").Number(0), seal.NewContext("a").Number(1), seal.NewContext("a").Number(1 << 24), seal.NewContext("a").Text("b")} {
			if seen[string(c)] {
				t.Errorf("twice: %q", c)
			}
			seen[string(c)] = true
		}
	})
}

func TestPublicKey(t *testing.T) {
	key := seal.PrivateKeyOf(seal.NewSecret())
	pub := key.Public().Bytes()
	t.Run("it comes back as it was", func(t *testing.T) {
		k, err := seal.ParsePublicKey(pub)
		if err != nil || !bytes.Equal(k.Bytes(), pub) || len(pub) != seal.PublicKeySize {
			t.Error(err)
		}
	})
	t.Run("another length is refused", func(t *testing.T) {
		for _, b := range [][]byte{nil, {}, pub[:1], pub[:32], pub[:1184], pub[:1215], append(bytes.Clone(pub), 0), append(bytes.Clone(pub), pub...)} {
			if _, err := seal.ParsePublicKey(b); !errors.Is(err, seal.ErrOpen) {
				t.Errorf("%d bytes: %v", len(b), err)
			}
		}
	})
	t.Run("a lattice key beyond its modulus is refused", func(t *testing.T) {
		b := append(bytes.Repeat([]byte{0xff}, 1184-32), pub[1184-32:]...)
		if _, err := seal.ParsePublicKey(b); !errors.Is(err, seal.ErrOpen) {
			t.Error(err)
		}
	})
	// The points of order 1, 2, 4 and 8 of Curve25519 and their other spellings: a
	// secret agreed with them is zero, whatever the key.
	low := []string{
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
		"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"0000000000000000000000000000000000000000000000000000000000000080",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	}
	t.Run("a point of low order in a public key is not sealed to", func(t *testing.T) {
		for _, p := range low {
			k, err := seal.ParsePublicKey(append(bytes.Clone(pub[:1184]), unhex(t, p)...))
			if err != nil {
				continue
			}
			if _, err := k.Seal(seal.NewContext("x"), fill); err == nil {
				t.Errorf("sealed to %s", p)
			}
		}
	})
	t.Run("a point of low order in a ciphertext does not open", func(t *testing.T) {
		box := sealed(key.Public().Seal(seal.NewContext("x"), fill))
		for _, p := range low {
			b := bytes.Clone(box)
			copy(b[1088:1120], unhex(t, p))
			if _, err := key.Open(seal.NewContext("x"), b); !errors.Is(err, seal.ErrOpen) {
				t.Errorf("%s: %v", p, err)
			}
		}
	})
	t.Run("the halves of two ciphertexts do not open together", func(t *testing.T) {
		a, b := sealed(key.Public().Seal(seal.NewContext("x"), fill)), sealed(key.Public().Seal(seal.NewContext("x"), fill))
		for _, cut := range []int{1088, 1120} {
			if _, err := key.Open(seal.NewContext("x"), cat(a[:cut], b[cut:])); !errors.Is(err, seal.ErrOpen) {
				t.Errorf("cut at %d: %v", cut, err)
			}
		}
	})
	t.Run("another key or context does not open", func(t *testing.T) {
		box := sealed(key.Public().Seal(seal.NewContext("x"), fill))
		if _, err := seal.PrivateKeyOf(seal.NewSecret()).Open(seal.NewContext("x"), box); !errors.Is(err, seal.ErrOpen) {
			t.Error(err)
		}
		if _, err := key.Open(seal.NewContext("y"), box); !errors.Is(err, seal.ErrOpen) {
			t.Error(err)
		}
		if _, err := (seal.PrivateKey{}).Open(seal.NewContext("x"), box); !errors.Is(err, seal.ErrOpen) {
			t.Error(err)
		}
	})
}
