package courier

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Webhook is a place of the house's own that is told of the machine's faults, as the Standard
// Webhooks say (1.0.0): whoever listens there proves each call by its signature.
type Webhook struct {
	URL    string // https, or loopback
	Secret Secret // "whsec_" and base64 of 24 to 64 bytes
	Roots  *x509.CertPool
	*poster

	key []byte
}

// hookTimeout is how long whoever listens may take.
const hookTimeout = 15 * time.Second

// NewWebhook checks where it leads and the secret.
func NewWebhook(w Webhook) (*Webhook, error) {
	if err := checkURL(w.URL); err != nil {
		return nil, errors.New("courier: webhook: must be https, or on this computer")
	}
	var err error
	if w.key, err = HookKey(string(w.Secret)); err != nil {
		return nil, err
	}
	w.poster = newPoster("webhook", hookTimeout, w.Roots)
	return &w, nil
}

// HookKey reads a secret as the Standard Webhooks write it. The error does not hold it.
func HookKey(secret string) ([]byte, error) {
	text, ok := strings.CutPrefix(secret, "whsec_")
	key, err := base64.StdEncoding.DecodeString(text)
	if !ok || err != nil || len(key) < 24 || len(key) > 64 {
		return nil, errors.New(`the secret of the webhook must be "whsec_" and base64 of 24 to 64 bytes`)
	}
	return key, nil
}

// Call hands body, which is JSON, to whoever listens. id is the same for each try of the
// same thing, so that it is taken once.
func (w *Webhook) Call(ctx context.Context, id string, at time.Time, body []byte) error {
	req, err := http.NewRequest(http.MethodPost, w.URL, bytes.NewReader(body))
	if err != nil {
		return errors.New("webhook: malformed address")
	}
	stamp := strconv.FormatInt(at.Unix(), 10)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Sigill")
	req.Header.Set("Webhook-Id", id)
	req.Header.Set("Webhook-Timestamp", stamp)
	req.Header.Set("Webhook-Signature", "v1,"+sign(w.key, id, stamp, body))
	status, _, err := w.do(ctx, req)
	if err != nil {
		return err
	}
	if status/100 != 2 {
		return fmt.Errorf("webhook: status %d", status)
	}
	return nil
}

// sign is the symmetric signature of the Standard Webhooks.
func sign(key []byte, id, stamp string, body []byte) string {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(id + "." + stamp + "."))
	m.Write(body)
	return base64.StdEncoding.EncodeToString(m.Sum(nil))
}
