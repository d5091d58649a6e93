package passkey

import (
	"bytes"
	"crypto/sha256"
	"slices"
)

// Ask returns what a browser is asked so that somebody proves to have one of allow, or, if
// there are none, any passkey of this house, whoever's; as JSON
// (PublicKeyCredentialRequestOptionsJSON).
func (p Party) Ask(allow []Credential) (options []byte, ch Challenge, err error) {
	if err := p.sound(); err != nil {
		return nil, ch, err
	}
	ch = p.challenge(get, allow)
	return written(request{
		Challenge:    text(ch.asked.value[:]),
		Timeout:      Life.Milliseconds(),
		RP:           p.ID,
		Allow:        names(allow),
		Verification: required,
		Hints:        p.Hints,
		Extensions:   p.extensions(),
	}), ch, nil
}

// Handle returns what an answer to Ask says of itself, to find the passkey and the person
// by: nothing of it is proven. user is zero if the answer names none, which only an answer
// to Ask with passkeys may do.
func (p Party) Handle(answer []byte) (id []byte, user [16]byte, err error) {
	r, err := read(answer)
	if err == nil {
		user, err = r.user()
	}
	if err != nil {
		return nil, [16]byte{}, refused(err)
	}
	return bytes.Clone(r.RawID), user, nil
}

// user is whose the passkey says that it is; zero if it does not say.
func (r *response) user() (u [16]byte, err error) {
	switch h := r.Response.UserHandle; len(h) {
	case 0:
		return u, nil
	case len(u):
		return [16]byte(h), nil
	}
	return u, WrongUser // we have given no other
}

// Answered judges the answer to Ask (WebAuthn, 7.2) of the person whose passkey c is, and
// returns c with what has changed: it must be kept before the person is let in. It uses the
// challenge up.
func (p Party) Answered(ch Challenge, answer []byte, user [16]byte, c Credential) (Credential, error) {
	c, err := p.answered(ch, answer, user, c)
	return c, refused(err)
}

func (p Party) answered(ch Challenge, answer []byte, user [16]byte, c Credential) (Credential, error) {
	if err := ch.take(get, p.Clock.Running()); err != nil {
		return Credential{}, err
	}
	r, err := read(answer)
	if err != nil {
		return Credential{}, err
	}
	if err := r.whose(ch.asked, user, c); err != nil {
		return Credential{}, err
	}
	if err := p.vet(r.Response.ClientData, ch.asked); err != nil {
		return Credential{}, err
	}
	a, err := readAuthData(r.Response.AuthData, false)
	if err != nil {
		return Credential{}, err
	}
	if err := a.vet(p.ID); err != nil {
		return Credential{}, err
	}
	key, err := readKey(c.Public)
	if err != nil {
		return Credential{}, err
	}
	hash := sha256.Sum256(r.Response.ClientData)
	if !signed(key, slices.Concat(r.Response.AuthData, hash[:]), r.Response.Signature) {
		return Credential{}, WrongSignature
	}
	return c.used(a)
}

// whose judges whether the answer is of this passkey, and the passkey of this person.
func (r *response) whose(a *asked, user [16]byte, c Credential) error {
	named, err := r.user()
	switch {
	case err != nil:
		return err
	case !bytes.Equal(r.RawID, c.ID):
		return WrongID
	case len(a.ids) > 0 && !a.has(c.ID):
		return NotAllowed
	case user == [16]byte{}:
		return WrongUser
	// Who is not asked for one of their passkeys says who they are (7.2, step 6).
	case named != user && (len(a.ids) == 0 || named != [16]byte{}):
		return WrongUser
	}
	return nil
}

// used returns the passkey as it is after a signature that fits.
func (c Credential) used(a authData) (Credential, error) {
	if a.is(flagEligible) != c.Eligible {
		return Credential{}, WrongBackup // 7.2, step 20: it never changes
	}
	// Where there are two that count, one is behind. A passkey that lives on several devices
	// says 0 always, and one that is moved to such a place says it from then on: by 7.2, step
	// 22, that is ours to judge. The highest count is kept, so that it cannot be set back by a 0.
	if a.count != 0 && a.count <= c.Count {
		return Credential{}, Cloned
	}
	c.Count = max(c.Count, a.count)
	c.BackedUp = a.is(flagBackedUp)
	return c, nil
}
