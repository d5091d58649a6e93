package tang

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"strings"

	"filippo.io/nistec"
)

// header is that of a JWE of clevis (RFC 7516, 4).
type header struct {
	Alg    string `json:"alg"`
	Clevis pin    `json:"clevis"`
	Enc    string `json:"enc"`
	Epk    jwk    `json:"epk"`
	Kid    string `json:"kid"` // thumbprint of the server's key
}

type pin struct {
	Pin  string `json:"pin"`
	Tang struct {
		Adv struct {
			Keys []jwk `json:"keys"`
		} `json:"adv"`
		URL string `json:"url"`
	} `json:"tang"`
}

const (
	algorithm  = "ECDH-ES"
	encryption = "A256GCM"
)

// ErrNone says that no server has opened it.
var ErrNone = errors.New("no key server has opened it")

var errLocked = errors.New("this is nothing that a key server opens")

// Lock locks a secret to a server. The result is a line, without its end.
func Lock(a Advert, secret []byte) (string, error) {
	key, err := a.exchange()
	if err != nil {
		return "", err
	}
	b, err := key.bytes()
	if err != nil {
		return "", err
	}
	server, err := ecdh.P521().NewPublicKey(b)
	if err != nil {
		return "", errKey
	}
	c, err := ecdh.P521().GenerateKey(rand.Reader)
	if err != nil {
		return "", err
	}
	z, err := c.ECDH(server)
	if err != nil {
		return "", errKey
	}
	h := header{Alg: algorithm, Enc: encryption, Epk: keyOf(c.PublicKey().Bytes(), ""), Kid: key.thumbprint()}
	h.Clevis.Pin, h.Clevis.Tang.URL, h.Clevis.Tang.Adv.Keys = "tang", a.URL, a.keys
	text, err := json.Marshal(h)
	if err != nil {
		return "", err
	}
	protected := b64.EncodeToString(text)
	iv := make([]byte, 12)
	rand.Read(iv)
	sealed := sealer(z).Seal(nil, iv, secret, []byte(protected))
	at := len(sealed) - 16
	return strings.Join([]string{protected, "", b64.EncodeToString(iv), b64.EncodeToString(sealed[:at]), b64.EncodeToString(sealed[at:])}, "."), nil
}

// Servers returns the addresses of those that open a text of lines.
func Servers(text string) (list []string) {
	for line := range strings.Lines(text) {
		if l, err := parse(line); err == nil {
			list = append(list, l.Clevis.Tang.URL)
		}
	}
	return list
}

// Open asks the servers of a text of lines, one after the other, until one opens it. The
// error is ErrNone, with what each has answered.
func Open(ctx context.Context, text string) (secret string, err error) {
	errs := []error{ErrNone}
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) == "" {
			continue
		}
		l, err := parse(line)
		if err == nil {
			if secret, err = l.open(ctx); err == nil {
				return secret, nil
			}
		}
		errs = append(errs, err)
	}
	return "", errors.Join(errs...)
}

// locked is one line, read.
type locked struct {
	header
	protected   string
	iv, content []byte // content with its tag
	server      jwk
}

func parse(line string) (l locked, err error) {
	f := strings.Split(strings.TrimSpace(line), ".")
	if len(f) != 5 || f[1] != "" {
		return l, errLocked
	}
	l.protected = f[0]
	text, err := b64.DecodeString(f[0])
	if err != nil || json.Unmarshal(text, &l.header) != nil || l.Alg != algorithm || l.Enc != encryption {
		return l, errLocked
	}
	var tag []byte
	for i, into := range []*[]byte{2: &l.iv, 3: &l.content, 4: &tag} {
		if into == nil {
			continue
		}
		if *into, err = b64.DecodeString(f[i]); err != nil {
			return l, errLocked
		}
	}
	if len(l.iv) != 12 || len(tag) != 16 {
		return l, errLocked
	}
	l.content = append(l.content, tag...)
	for _, k := range l.Clevis.Tang.Adv.Keys {
		if k.thumbprint() == l.Kid {
			l.server = k
			return l, nil
		}
	}
	return l, errLocked
}

// open does the exchange: it hides C behind a fresh point, so that the server does not see
// which secret is opened.
func (l locked) open(ctx context.Context) (string, error) {
	address, err := parseURL(l.Clevis.Tang.URL)
	if err != nil {
		return "", err
	}
	c, errC := l.Epk.point()
	s, errS := l.server.point()
	if errC != nil || errS != nil {
		return "", errLocked
	}
	e, err := ecdh.P521().GenerateKey(rand.Reader)
	if err != nil {
		return "", err
	}
	hider, err := nistec.NewP521Point().SetBytes(e.PublicKey().Bytes())
	if err != nil {
		return "", err
	}
	ask, err := json.Marshal(keyOf(nistec.NewP521Point().Add(c, hider).Bytes(), "ECMR", "deriveKey"))
	if err != nil {
		return "", err
	}
	b, err := call(ctx, http.MethodPost, address+"/rec/"+l.Kid, ask)
	if err != nil {
		return "", err
	}
	var answer jwk
	if json.Unmarshal(b, &answer) != nil {
		return "", errKey
	}
	y, err := answer.point()
	if err != nil {
		return "", err
	}
	z, err := shared(y, s, e.Bytes())
	if err != nil {
		return "", err
	}
	plain, err := sealer(z).Open(nil, l.iv, l.content, []byte(l.protected))
	if err != nil {
		return "", fmt.Errorf("the key server %s is another one than it was locked to", address)
	}
	return string(plain), nil
}

// shared is the first coordinate of Y − eS.
func shared(y, s *nistec.P521Point, e []byte) ([]byte, error) {
	order := elliptic.P521().Params().N
	minus := new(big.Int).Sub(order, new(big.Int).SetBytes(e)).FillBytes(make([]byte, coordinate))
	es, err := nistec.NewP521Point().ScalarMult(s, minus)
	if err != nil {
		return nil, err
	}
	return nistec.NewP521Point().Add(y, es).BytesX()
}

// sealer is AES-256-GCM under the key that Concat KDF makes of a shared secret (RFC 7518,
// 4.6.2), without parties' names, as clevis does.
func sealer(z []byte) cipher.AEAD {
	h := sha256.New()
	number := func(n int) { _ = binary.Write(h, binary.BigEndian, uint32(n)) } // a hash takes all
	number(1)
	h.Write(z)
	number(len(encryption))
	h.Write([]byte(encryption))
	number(0)
	number(0)
	number(256)
	block, err := aes.NewCipher(h.Sum(nil))
	if err != nil {
		panic("tang: internal: " + err.Error()) // 32 bytes are a key
	}
	g, err := cipher.NewGCM(block)
	if err != nil {
		panic("tang: internal: " + err.Error())
	}
	return g
}
