package keyring_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"filippo.io/age"

	"sigill/appliance/keyring"
)

// zeroPoint is written as a recipient is, and its point is zero.
const zeroPoint = "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq5cu47z"

func fine(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestRecipients(t *testing.T) {
	classic, err := age.GenerateX25519Identity()
	fine(t, err)
	other, err := age.GenerateX25519Identity()
	fine(t, err)
	key := keyring.NewExportKey()
	text, err := key.Text()
	fine(t, err)
	hybrid, err := key.Recipient()
	fine(t, err)
	made, err := age.ParseHybridIdentity(text)
	fine(t, err)

	t.Run("what is sealed to them opens with the key of any, and with no other", func(t *testing.T) {
		for _, c := range []struct {
			typed  string
			opens  []age.Identity
			closed age.Identity
		}{
			{classic.Recipient().String(), []age.Identity{classic}, other},
			{"# mine\r\n\r\n  " + classic.Recipient().String() + "\r\n" + other.Recipient().String() + "  \n", []age.Identity{classic, other}, made},
			{hybrid + "\n", []age.Identity{made}, classic},
		} {
			r, err := keyring.ParseRecipients(c.typed)
			fine(t, err)
			var b bytes.Buffer
			w, err := r.Encrypt(&b)
			fine(t, err)
			_, err = io.WriteString(w, "brev")
			fine(t, err)
			fine(t, w.Close())
			for _, id := range c.opens {
				d, err := age.Decrypt(bytes.NewReader(b.Bytes()), id)
				fine(t, err)
				if got, err := io.ReadAll(d); err != nil || string(got) != "brev" {
					t.Errorf("%q %v", got, err)
				}
			}
			if _, err := age.Decrypt(bytes.NewReader(b.Bytes()), c.closed); err == nil {
				t.Error("another key opens it")
			}
		}
	})
	t.Run("what is no list of recipients is refused, and repeated in no error", func(t *testing.T) {
		slip := strings.Replace(classic.Recipient().String(), "age1", "age1q", 1)
		many := strings.Repeat(classic.Recipient().String()+"\n", keyring.MaxRecipients+1)
		for typed, want := range map[string]error{
			"":                                       keyring.ErrNoRecipient,
			"# " + hybrid:                            keyring.ErrNoRecipient,
			"anna@example.se":                        keyring.ErrRecipient,
			slip:                                     keyring.ErrRecipient,
			"age1yubikey1qwt5":                       keyring.ErrRecipient,
			"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB": keyring.ErrRecipient,
			classic.Recipient().String()[:40]:        keyring.ErrRecipient,
			many:                                     keyring.ErrManyRecipients,
			strings.Repeat("#\n", 1<<20):             keyring.ErrManyRecipients,
			hybrid + "\n" + classic.Recipient().String(): keyring.ErrMixedRecipients,
			text:                              keyring.ErrSecretKey,
			strings.ToLower(classic.String()): keyring.ErrSecretKey,
			hybrid + "\n" + text:              keyring.ErrSecretKey,
		} {
			r, err := keyring.ParseRecipients(typed)
			if !errors.Is(err, want) || !r.IsZero() || err.Error() != want.Error() {
				t.Errorf("%.60q: %v, not %v", typed, err, want)
			}
		}
	})
	t.Run("a point that is no key is refused before anything is sealed", func(t *testing.T) {
		if _, err := keyring.ParseRecipients(zeroPoint); !errors.Is(err, keyring.ErrRecipient) {
			t.Error(err)
		}
	})
	t.Run("nobody is nobody: nothing is sealed to no recipient", func(t *testing.T) {
		if _, err := (keyring.Recipients{}).Encrypt(io.Discard); err == nil {
			t.Error("sealed to nobody")
		}
	})
	t.Run("a key that was made is printed nowhere by accident", func(t *testing.T) {
		j, err := json.Marshal(key)
		fine(t, err)
		for _, s := range []string{fmt.Sprint(key), fmt.Sprintf("%+v %#v %x %s", key, key, &key, struct{ K keyring.ExportKey }{key}), string(j)} {
			if !strings.Contains(s, "[secret]") || strings.Contains(s, text[20:40]) {
				t.Error(s)
			}
		}
	})
	t.Run("each is another", func(t *testing.T) {
		if again, err := keyring.NewExportKey().Text(); err != nil || again == text || !strings.HasPrefix(again, "AGE-SECRET-KEY-PQ-1") {
			t.Error("the same key", err)
		}
	})
}
