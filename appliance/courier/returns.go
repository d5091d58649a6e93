package courier

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"sigill/appliance/mail"
)

// ReturnLife is how long an address that we made is taken back.
const ReturnLife = 30 * 24 * time.Hour

// ReturnKind says what comes back to an address that we made.
type ReturnKind string

// The kinds; they stand before the plus sign.
const (
	ReturnBounce ReturnKind = "bounce" // MAIL FROM of a notice: it could not be delivered
	ReturnHold   ReturnKind = "hold"   // Reply-To of a hold: the number that was missing
	ReturnThread ReturnKind = "thread" // an answer to what a token names
	ReturnCanary ReturnKind = "canary" // the notice of a letter that tries the way
)

// Returns makes and reads the addresses by which answers find their way back.
//
//	local-part = kind "+" payload day "." mac          all lower-case; read in any case
//	payload    = 26 characters, 16 bytes of token      bounce, thread, canary
//	           / 20 characters, a link code            hold
//	day        = 4 characters, the last day, counted from 1970
//	mac        = 20 characters, HMAC-SHA256 over kind, payload, day and domain, cut to 96 bits
//
// The longest is 58 characters; RFC 5321, 4.5.3.1.1 allows 64. Lower-case because
// relays on the way change the case of what they do not understand.
type Returns struct {
	key    []byte
	domain string
	clock  mail.Clock
}

// Return is what an address of ours says once it is proven.
type Return struct {
	Kind  ReturnKind
	Token [16]byte      // of a bounce, thread or canary
	Code  mail.LinkCode // of a hold
}

var returnText = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

const (
	dayLen  = 4
	macLen  = 20
	macSize = 12
)

// NewReturns returns a maker of addresses at domain. The key is 32 bytes of its
// own, made from the appliance's.
func NewReturns(key []byte, domain string, clock mail.Clock) (*Returns, error) {
	if len(key) < 32 {
		return nil, errors.New("courier: the key of return addresses has less than 32 bytes")
	}
	if _, err := mail.ParseAddress("a@" + domain); err != nil {
		return nil, fmt.Errorf("courier: the domain of return addresses: %w", err)
	}
	return &Returns{append([]byte(nil), key...), strings.ToLower(domain), clock}, nil
}

// Bounce returns the MAIL FROM of the notice with this token.
func (r *Returns) Bounce(token [16]byte) mail.Address {
	return r.make(ReturnBounce, returnText.EncodeToString(token[:]))
}

// Thread returns an address for answers to what token names.
func (r *Returns) Thread(token [16]byte) mail.Address {
	return r.make(ReturnThread, returnText.EncodeToString(token[:]))
}

// Canary returns an address of a letter that tries the way.
func (r *Returns) Canary(token [16]byte) mail.Address {
	return r.make(ReturnCanary, returnText.EncodeToString(token[:]))
}

// Hold returns the address to which the missing number may be sent. It holds the
// code that opens the letter for repair, and goes over verified TLS only.
func (r *Returns) Hold(code mail.LinkCode) mail.Address {
	return r.make(ReturnHold, strings.ToLower(string(code.Secret())))
}

func (r *Returns) make(kind ReturnKind, payload string) mail.Address {
	day := returnDay(r.clock.Now().Add(ReturnLife))
	return mail.Address(string(kind) + "+" + payload + day + "." + r.mac(kind, payload, day) + "@" + r.domain)
}

// Read proves an address that mail was sent to. The error is Absent, whatever is
// wrong with it: a stranger learns nothing by trying.
func (r *Returns) Read(a mail.Address) (Return, error) {
	bad := func(why string) (Return, error) {
		return Return{}, mail.E(mail.Absent, "error.address", errors.New("return address: "+why))
	}
	local, domain, ok := strings.Cut(strings.ToLower(string(a)), "@")
	if !ok || domain != r.domain {
		return bad("another domain")
	}
	name, rest, ok := strings.Cut(local, "+")
	if !ok {
		return bad("no plus sign")
	}
	kind := ReturnKind(name)
	size := 26
	switch kind {
	case ReturnBounce, ReturnThread, ReturnCanary:
	case ReturnHold:
		size = mail.CodeLen
	default:
		return bad("unknown kind")
	}
	if len(rest) != size+dayLen+1+macLen || rest[size+dayLen] != '.' {
		return bad("malformed")
	}
	payload, day, mac := rest[:size], rest[size:size+dayLen], rest[size+dayLen+1:]
	// Proven before anything of it is read, and in constant time: the mac is all
	// that stands between a stranger and a letter that waits.
	if !hmac.Equal([]byte(mac), []byte(r.mac(kind, payload, day))) {
		return bad("not ours")
	}
	if day < returnDay(r.clock.Now()) {
		return bad("over")
	}
	out := Return{Kind: kind}
	if kind == ReturnHold {
		code, err := mail.ParseLinkCode(payload)
		if err != nil {
			return bad("code")
		}
		out.Code = code
		return out, nil
	}
	token, err := returnText.DecodeString(payload)
	if err != nil || len(token) != len(out.Token) {
		return bad("token")
	}
	copy(out.Token[:], token)
	return out, nil
}

func (r *Returns) mac(kind ReturnKind, payload, day string) string {
	h := hmac.New(sha256.New, r.key)
	// Kind and domain hold no NUL, payload and day have a fixed length for each
	// kind: no two addresses have the same bytes here.
	h.Write([]byte("sigill return 1\x00" + string(kind) + "\x00" + payload + day + "\x00" + r.domain))
	return returnText.EncodeToString(h.Sum(nil)[:macSize])
}

// returnDay writes a day so that later days sort later.
func returnDay(t time.Time) string {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], uint32(t.Unix()/86400)<<12) // 20 bits: until the year 4840
	return returnText.EncodeToString(b[:])[:dayLen]
}
