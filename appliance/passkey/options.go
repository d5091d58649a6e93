package passkey

import (
	"encoding/base64"
	"encoding/json"
)

// text is base64url without padding, as all bytes are written in WebAuthn's JSON.
func text(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// The options, as far as they are used here (5.4, 5.5 and their JSON forms in 5.1.8 and 5.1.9).
type (
	creation struct {
		RP         entity      `json:"rp"`
		User       entity      `json:"user"`
		Challenge  string      `json:"challenge"`
		Algorithms []algorithm `json:"pubKeyCredParams"`
		Timeout    int64       `json:"timeout"` // milliseconds
		Exclude    []named     `json:"excludeCredentials"`
		Selection  selection   `json:"authenticatorSelection"`
		Hints      []string    `json:"hints,omitempty"`
		Statement  string      `json:"attestation"`
		Extensions extensions  `json:"extensions"`
	}
	request struct {
		Challenge    string     `json:"challenge"`
		Timeout      int64      `json:"timeout"`
		RP           string     `json:"rpId"`
		Allow        []named    `json:"allowCredentials"`
		Verification string     `json:"userVerification"`
		Hints        []string   `json:"hints,omitempty"`
		Extensions   extensions `json:"extensions"`
	}
	entity struct {
		ID      string `json:"id"`
		Name    string `json:"name"`
		Display string `json:"displayName,omitempty"`
	}
	algorithm struct {
		Type string `json:"type"`
		Alg  int64  `json:"alg"`
	}
	named struct {
		Type       string   `json:"type"`
		ID         string   `json:"id"`
		Transports []string `json:"transports,omitempty"`
	}
	selection struct {
		ResidentKey  string `json:"residentKey"`
		Required     bool   `json:"requireResidentKey"` // the same for browsers of Level 1
		Verification string `json:"userVerification"`
	}
	extensions struct {
		PRF prfInput `json:"prf"`
	}
	prfInput struct {
		Eval struct {
			First string `json:"first"`
		} `json:"eval"`
	}
)

const (
	publicKey = "public-key"
	required  = "required"
)

func (p Party) extensions() (e extensions) {
	in := p.prfInput()
	e.PRF.Eval.First = text(in[:])
	return e
}

func names(list []Credential) []named {
	out := []named{}
	for _, c := range list {
		out = append(out, named{Type: publicKey, ID: text(c.ID), Transports: c.Transports})
	}
	return out
}

// written cannot fail: these are strings and numbers.
func written(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("passkey: internal: " + err.Error())
	}
	return b
}
