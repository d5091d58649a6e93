package passkey

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"slices"
)

// maxResponse bounds an answer in bytes, as a form of ours is bounded. True ones have one
// or two thousand.
const maxResponse = 64 << 10

// response is both RegistrationResponseJSON and AuthenticationResponseJSON (5.1), as far as
// they are used here.
type response struct {
	ID       encoded `json:"id"`
	RawID    encoded `json:"rawId"`
	Type     string  `json:"type"`
	Response struct {
		ClientData  encoded  `json:"clientDataJSON"`
		Attestation encoded  `json:"attestationObject"`
		Transports  []string `json:"transports"`
		AuthData    encoded  `json:"authenticatorData"`
		Signature   encoded  `json:"signature"`
		UserHandle  encoded  `json:"userHandle"`
	} `json:"response"`
	Extensions struct {
		PRF struct {
			Enabled bool            `json:"enabled"`
			Results json.RawMessage `json:"results"`
		} `json:"prf"`
	} `json:"clientExtensionResults"`
}

// read reads an answer. It is unproven: whoever likes can write one.
func read(raw []byte) (*response, error) {
	if len(raw) > maxResponse {
		return nil, TooLarge
	}
	var r response
	if json.Unmarshal(raw, &r) != nil {
		return nil, malformed("no JSON of the right shape")
	}
	switch {
	case len(r.Extensions.PRF.Results) > 0 && string(r.Extensions.PRF.Results) != "null":
		// Our script leaves it out. Whatever sent it must not become a habit.
		return nil, Leaked
	case r.Type != publicKey:
		return nil, malformed("type")
	case len(r.RawID) == 0 || len(r.RawID) > maxID:
		return nil, malformed("rawId")
	case len(r.Response.ClientData) == 0:
		return nil, malformed("clientDataJSON")
	case !bytes.Equal(r.ID, r.RawID):
		return nil, WrongID
	}
	return &r, nil
}

// encoded are bytes that stand as base64url in JSON.
type encoded []byte

// UnmarshalText takes base64url without padding (RFC 4648, 5), of which each byte string
// has one writing only.
func (e *encoded) UnmarshalText(t []byte) (err error) {
	// The decoder passes over line ends, which are not in the alphabet.
	if bytes.ContainsAny(t, "\r\n") {
		return Malformed
	}
	*e, err = base64.RawURLEncoding.Strict().DecodeString(string(t))
	return err
}

// clientData is what the browser says of the page that asked (5.8.1).
type clientData struct {
	Type        string  `json:"type"`
	Challenge   string  `json:"challenge"`
	Origin      string  `json:"origin"`
	CrossOrigin bool    `json:"crossOrigin"`
	TopOrigin   *string `json:"topOrigin"`
}

// vet judges what the browser says of the page. The passkey has signed it, but the browser
// may lie: that a page of ours has asked is worth what the browser is.
func (p Party) vet(raw []byte, a *asked) error {
	var c clientData
	if json.Unmarshal(raw, &c) != nil {
		return malformed("clientDataJSON")
	}
	switch {
	case c.Type != a.ceremony:
		return WrongType
	case !a.fits(c.Challenge):
		return WrongChallenge
	case !slices.Contains(p.Origins, c.Origin):
		return WrongOrigin
	case c.CrossOrigin || c.TopOrigin != nil:
		return CrossOrigin
	}
	return nil
}
