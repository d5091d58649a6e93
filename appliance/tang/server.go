package tang

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/sha512"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	maxAnswer = 64 << 10         // bytes
	patience  = 10 * time.Second // for one answer
)

// client follows no redirect and knows no proxy: who is asked is who was named.
var client = &http.Client{
	Transport:     &http.Transport{DisableKeepAlives: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// Advert is what a server says of itself.
type Advert struct {
	URL     string
	Signing []string // thumbprints of the keys that have signed it; people compare one
	keys    []jwk
}

// Ask asks a server for its keys. Nothing of the answer is believed but by its thumbprint:
// the keys have signed themselves, and that is all.
func Ask(ctx context.Context, server string) (Advert, error) {
	server, err := parseURL(server)
	if err != nil {
		return Advert{}, err
	}
	b, err := call(ctx, http.MethodGet, server+"/adv", nil)
	if err != nil {
		return Advert{}, err
	}
	a, err := parseAdvert(b)
	a.URL = server
	return a, err
}

// Trusts reports whether a thumbprint is of one of the keys that have signed.
func (a Advert) Trusts(thumbprint string) bool { return slices.Contains(a.Signing, thumbprint) }

// exchange is the key by which secrets are locked.
func (a Advert) exchange() (jwk, error) {
	for _, k := range a.keys {
		if k.is("deriveKey") {
			return k, nil
		}
	}
	return jwk{}, errors.New("the server advertises no key to lock with")
}

func parseURL(server string) (string, error) {
	u, err := url.Parse(strings.TrimRight(server, "/"))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return "", fmt.Errorf("%q is no address of a key server, such as http://tang.example.se", server)
	}
	return u.String(), nil
}

func call(ctx context.Context, method, address string, body []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/jwk+json")
	}
	answer, err := client.Do(r)
	if err != nil {
		return nil, fmt.Errorf("ask the key server: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the key server %s answers %s", r.URL.Host, answer.Status)
	}
	b, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	if err == nil && len(b) > maxAnswer {
		err = errors.New("it is too long")
	}
	if err != nil {
		return nil, fmt.Errorf("read the key server's answer: %w", err)
	}
	return b, nil
}

// signature is one of a JWS in JSON (RFC 7515, 7.2).
type signature struct {
	Protected string `json:"protected"`
	Signature string `json:"signature"`
}

var errAdvert = errors.New("the key server's answer is no advertisement")

// parseAdvert reads what a server says of itself, and whose signatures under it are good.
func parseAdvert(b []byte) (Advert, error) {
	var jws struct {
		Payload    string      `json:"payload"`
		Signatures []signature `json:"signatures"`
		signature              // of a server with one key
	}
	var set struct {
		Keys []jwk `json:"keys"`
	}
	if err := json.Unmarshal(b, &jws); err != nil {
		return Advert{}, errAdvert
	}
	payload, err := b64.DecodeString(jws.Payload)
	if err != nil || json.Unmarshal(payload, &set) != nil {
		return Advert{}, errAdvert
	}
	a := Advert{keys: set.Keys}
	for _, k := range set.Keys {
		if !k.is("verify") || k.Alg != "ES512" {
			continue
		}
		for _, s := range append(jws.Signatures, jws.signature) {
			if s.by(k, jws.Payload) {
				a.Signing = append(a.Signing, k.thumbprint())
				break
			}
		}
	}
	if len(a.Signing) == 0 {
		return Advert{}, errors.New("none of the key server's keys has signed its advertisement")
	}
	return a, nil
}

// by reports whether a signature is good, and by a key (RFC 7518, 3.4).
func (s signature) by(k jwk, payload string) bool {
	var head struct {
		Alg string `json:"alg"`
	}
	protected, err := b64.DecodeString(s.Protected)
	if err != nil || json.Unmarshal(protected, &head) != nil || head.Alg != "ES512" {
		return false
	}
	sig, err := b64.DecodeString(s.Signature)
	key, bad := k.verifier()
	if err != nil || bad != nil || len(sig) != 2*coordinate {
		return false
	}
	sum := sha512.Sum512([]byte(s.Protected + "." + payload))
	return ecdsa.Verify(key, sum[:], new(big.Int).SetBytes(sig[:coordinate]), new(big.Int).SetBytes(sig[coordinate:]))
}
