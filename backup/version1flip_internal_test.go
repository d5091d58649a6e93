package backup

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sigill/appliance/keyring"
)

// turnedTarget is one object, of which a bit may be turned.
type turnedTarget struct {
	Target
	content []byte
}

func (t turnedTarget) Get(context.Context, string) (io.ReadCloser, error) {
	return io.NopCloser(bytes.NewReader(t.content)), nil
}

// TestEachByteOfAContainer turns a bit in each byte of version 1's containers, in turn: its sum
// says so for every one, to Verify and to Restore alike. Who has no statement, only age, is told
// so by age; of these a part is tried, for each costs opening a key.
func TestEachByteOfAContainer(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(v1Key)
	if err != nil {
		t.Fatal(err)
	}
	page, err := keyring.ParsePage(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	stride := 211
	if os.Getenv("SIGILL_FULL") != "" {
		stride = 3
	}
	files, err := filepath.Glob("testdata/v1/*/*" + ending)
	if err != nil || len(files) < 3 {
		t.Fatal(files, err)
	}
	key, err := os.ReadFile("testdata/v1/" + markName)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := ParseVerifier(strings.TrimSpace(string(key[bytes.LastIndex(key, []byte("key "))+4:])))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			signed, err := os.ReadFile(statementOf(file))
			if err != nil {
				t.Fatal(err)
			}
			s, _, err := verifier.Open(signed)
			if err != nil {
				t.Fatal(err)
			}
			read := func() error {
				_, err := whole(t.Context(), turnedTarget{content: content}, s)
				return err
			}
			if err := errors.Join(read(), opens(content, page)); err != nil {
				t.Fatalf("the control: %v", err)
			}
			for i := range content {
				content[i] ^= 1 << (i % 8)
				if err := read(); !errors.Is(err, errDamaged) {
					t.Fatalf("byte %d: %v", i, err)
				}
				if i%stride == 0 && opens(content, page) == nil {
					t.Fatalf("byte %d: age opens it", i)
				}
				content[i] ^= 1 << (i % 8)
			}
		})
	}
}

// opens reads a container to its end with its key alone.
func opens(content []byte, page keyring.Page) error {
	clear, err := keyring.OpenContainer(bytes.NewReader(content), page.Secret())
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, clear)
	return err
}
