package keyring_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"sigill/appliance/keyring"
	"sigill/appliance/seal"
)

func TestKit(t *testing.T) {
	t.Run("a seed and its age identity have the same public key", func(t *testing.T) {
		for range 20 {
			seed := seal.NewSecret()
			text, err := keyring.Identity(seed)
			if err != nil {
				t.Fatal(err)
			}
			id, err := age.ParseHybridIdentity(text)
			if err != nil {
				t.Fatal(err)
			}
			recipient, err := keyring.Recipient(seed)
			if err != nil || recipient != id.Recipient().String() {
				t.Fatalf("recipient differs: %v", err)
			}
			// What is sealed to the HPKE key is not opened by age's use of the same seed, and
			// the other way round: see seal.PublicKey.Seal.
			if len(seal.PrivateKeyOf(seed).Public().Bytes()) != seal.PublicKeySize {
				t.Fatal("public key of another length")
			}
		}
	})
	t.Run("the kit is written once, readable by its owner only, and never over another", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "kit")
		kit := keyring.NewKit()
		if err := kit.Write(path, "Exempelkommun", time.Unix(0, 0)); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(b), "AGE-SECRET-KEY-PQ-1"); n != 3 {
			t.Errorf("%d identities, not 3", n)
		}
		st, _ := os.Stat(path)
		if st.Mode().Perm() != 0o600 {
			t.Errorf("mode %v", st.Mode())
		}
		if err := kit.Write(path, "Exempelkommun", time.Unix(0, 0)); err == nil {
			t.Error("a second kit was written over the first")
		}
	})
}

func TestKeyFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "appliance.key")
	kapp := seal.NewSecret()
	if err := keyring.WriteKeyFile(path, kapp); err != nil {
		t.Fatal(err)
	}
	t.Run("it is read back", func(t *testing.T) {
		got, err := keyring.ReadKeyFile(path)
		if err != nil || !got.Equal(kapp) {
			t.Fatalf("another key came back: %v", err)
		}
	})
	t.Run("it is never written over", func(t *testing.T) {
		if err := keyring.WriteKeyFile(path, seal.NewSecret()); err == nil {
			t.Fatal("a second key was written")
		}
	})
	t.Run("a file that others may read is refused", func(t *testing.T) {
		if err := os.Chmod(path, 0o640); err != nil {
			t.Fatal(err)
		}
		if _, err := keyring.ReadKeyFile(path); err == nil || !strings.Contains(err.Error(), "chmod 600") {
			t.Fatalf("taken, or without a hint: %v", err)
		}
	})
	t.Run("what is no key is refused", func(t *testing.T) {
		for _, s := range []string{"", "x", "sigill/appliance-key/1\n", "sigill/appliance-key/1\nzz", "sigill/appliance-key/2\n" + strings.Repeat("00", 32) + "\n", "sigill/appliance-key/1\n" + strings.Repeat("00", 33) + "\n"} {
			p := filepath.Join(t.TempDir(), "k")
			if err := os.WriteFile(p, []byte(s), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := keyring.ReadKeyFile(p); err == nil {
				t.Errorf("%q was taken for a key", s)
			}
		}
	})
}
