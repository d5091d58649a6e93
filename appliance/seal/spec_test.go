package seal_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"testing"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/chacha20poly1305"
)

// This file is FORMAT.md a second time, written from the page and not from the code,
// with nothing but primitives. What seal writes must open here, and the other way
// round: so both follow the page.

// specHKDF is RFC 5869 with SHA-256 for one block.
func specHKDF(ikm, salt []byte, info string) []byte {
	if salt == nil {
		salt = make([]byte, 32)
	}
	prk := specHMAC(salt, ikm)
	return specHMAC(prk, append([]byte(info), 1))
}

func specHMAC(key, msg []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(msg)
	return h.Sum(nil)
}

func specCtx(purpose string, parts ...[]byte) string {
	return "sigill/1/" + purpose + "\x00" + string(bytes.Join(parts, nil))
}

func be(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }

func specAEAD(key []byte) cipher.AEAD {
	b, err := aes.NewCipher(key)
	if err != nil {
		panic(err)
	}
	a, err := cipher.NewGCM(b)
	if err != nil {
		panic(err)
	}
	return a
}

func specBox(key, nonce []byte, ad string, plain []byte) []byte {
	return append(bytes.Clone(nonce), specAEAD(key).Seal(nil, nonce, plain, []byte(ad))...)
}

func specUnbox(t testing.TB, key []byte, ad string, box []byte) []byte {
	t.Helper()
	p, err := specAEAD(key).Open(nil, box[:12], box[12:], []byte(ad))
	if err != nil {
		t.Fatalf("the box is not what FORMAT.md says: %v", err)
	}
	return p
}

// agefile is an age file with all that is random in it. The hooks bend it.
type agefile struct {
	key, fileKey, nonce, stream []byte
	plain                       []byte
	stanzas                     func(own string) string // what stands between the first line and "---"
	mac                         func(mac []byte) string // the words behind "---"
	intro, ad                   string
}

const ageIntro = "age-encryption.org/v1\n"

var raw64 = base64.RawStdEncoding

func wrap64(b []byte) string { return raw64.EncodeToString(b) + "\n" }

func chacha(key []byte) cipher.AEAD {
	a, err := chacha20poly1305.New(key)
	if err != nil {
		panic(err)
	}
	return a
}

// stanza is our stanza for the file key (FORMAT.md, 2.2).
func (f agefile) stanza() string {
	ad := f.ad
	if ad == "" {
		ad = "sigill/part/1"
	}
	return "-> sigill/part/1 " + wrap64(f.nonce) + wrap64(chacha(f.key).Seal(nil, f.nonce, f.fileKey, []byte(ad)))
}

func (f agefile) header() []byte {
	intro, body := f.intro, f.stanza()
	if intro == "" {
		intro = ageIntro
	}
	if f.stanzas != nil {
		body = f.stanzas(body)
	}
	head := intro + body + "---"
	mac := specHMAC(specHKDF(f.fileKey, nil, "header"), []byte(head))
	end := " " + wrap64(mac)
	if f.mac != nil {
		end = f.mac(mac)
	}
	return []byte(head + end)
}

// payload is STREAM with ChaCha20-Poly1305 over chunks of 64 KiB.
func (f agefile) payload() []byte {
	a := chacha(specHKDF(f.fileKey, f.stream, "payload"))
	out := bytes.Clone(f.stream)
	plain := f.plain
	for i := uint32(0); ; i++ {
		nonce := make([]byte, 12)
		copy(nonce[7:], be(i))
		n := min(len(plain), 64<<10)
		last := n == len(plain)
		if last {
			nonce[11] = 1
		}
		out = a.Seal(out, nonce, plain[:n], nil)
		if plain = plain[n:]; last {
			return out
		}
	}
}

func (f agefile) bytes() []byte { return append(f.header(), f.payload()...) }

// pattern is clear text of n bytes.
func pattern(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*31) ^ byte(i>>8)
	}
	return b
}

// fix returns 32 bytes that are always the same for one name.
func fix(name string) []byte {
	h := sha256.Sum256([]byte("sigill test vector: " + name))
	return h[:]
}

// specArgon is the lock of a password (FORMAT.md, 6).
func specArgon(password string, salt []byte) []byte {
	return argon2.IDKey([]byte(password), salt, 3, 64<<10, 1, 32)
}
