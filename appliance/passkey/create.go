package passkey

import (
	"bytes"
	"errors"

	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
)

// Create returns what a browser is asked so that a passkey is made for a person, as JSON
// (PublicKeyCredentialCreationOptionsJSON). user is the person's random id and nothing that
// tells who it is; name and display are shown where passkeys are chosen, and are kept in the
// passkey. Who has one of have gets no second one in the same place.
func (p Party) Create(user [16]byte, name, display string, have []Credential) (options []byte, ch Challenge, err error) {
	if err := p.sound(); err != nil {
		return nil, ch, err
	}
	if user == [16]byte{} {
		return nil, ch, errors.New("passkey: internal: a passkey for nobody")
	}
	ch = p.challenge(create, have)
	return written(creation{
		RP:         entity{ID: p.ID, Name: p.Name},
		User:       entity{ID: text(user[:]), Name: name, Display: display},
		Challenge:  text(ch.asked.value[:]),
		Algorithms: algorithms(),
		Timeout:    Life.Milliseconds(),
		Exclude:    names(have),
		Selection:  selection{ResidentKey: required, Required: true, Verification: required},
		Hints:      p.Hints,
		Statement:  none,
		Extensions: p.extensions(),
	}), ch, nil
}

// none is the format of an attestation statement that is not there (8.7).
const none = "none"

// Created judges the answer to Create (WebAuthn, 7.1) and returns the passkey. It uses the
// challenge up. Its owner still has to refuse an ID that anybody else has (7.1, step 26).
func (p Party) Created(ch Challenge, answer []byte) (Credential, error) {
	c, err := p.created(ch, answer)
	return c, refused(err)
}

func (p Party) created(ch Challenge, answer []byte) (c Credential, err error) {
	if err := ch.take(create, p.Clock.Running()); err != nil {
		return c, err
	}
	r, err := read(answer)
	if err != nil {
		return c, err
	}
	if err := p.vet(r.Response.ClientData, ch.asked); err != nil {
		return c, err
	}
	raw, err := attested(r.Response.Attestation)
	if err != nil {
		return c, err
	}
	a, err := readAuthData(raw, true)
	if err != nil {
		return c, err
	}
	if err := a.vet(p.ID); err != nil {
		return c, err
	}
	if _, err := readKey(a.public); err != nil {
		return c, err
	}
	switch {
	case !bytes.Equal(a.id, r.RawID):
		return c, WrongID
	case ch.asked.has(a.id):
		return c, Known
	}
	return Credential{
		ID: bytes.Clone(a.id), Public: bytes.Clone(a.public), Count: a.count,
		Eligible: a.is(flagEligible), BackedUp: a.is(flagBackedUp),
		Transports: ways(r.Response.Transports), AAGUID: a.aaguid, PRF: r.Extensions.PRF.Enabled,
	}, nil
}

// attested returns the authenticator data of an attestation object (6.5.4). The statement
// beside them is CBOR that is well formed and not too deep; see the package's comment.
func attested(object []byte) ([]byte, error) {
	var o struct {
		Format    string                  `cbor:"fmt"`
		Statement webauthncbor.RawMessage `cbor:"attStmt"`
		AuthData  []byte                  `cbor:"authData"`
	}
	if webauthncbor.Unmarshal(object, &o) != nil || o.Format == "" {
		return nil, malformed("attestationObject")
	}
	if emptyMap := []byte{0xa0}; o.Format == none && !bytes.Equal(o.Statement, emptyMap) {
		return nil, WrongStatement
	}
	return o.AuthData, nil
}
