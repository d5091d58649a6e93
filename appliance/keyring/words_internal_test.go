package keyring

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"github.com/tyler-smith/go-bip39"

	"sigill/embed"
)

func TestWordList(t *testing.T) {
	t.Run("the list is that of the specification, for ever", func(t *testing.T) {
		sum := sha256.Sum256([]byte(embed.KitWords))
		if got := hex.EncodeToString(sum[:]); got != "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda" {
			t.Error(got)
		}
		if list := wordList(); len(list) != 1<<wordBits || !slices.IsSorted(list) || !slices.Equal(list, bip39.GetWordList()) {
			t.Errorf("%d words", len(list))
		}
	})
	t.Run("four letters are enough for every word, and no fewer", func(t *testing.T) {
		for _, w := range wordList() {
			if got, ok := fullWord(w[:min(4, len(w))]); !ok || got != w && got != w[:min(4, len(w))] {
				t.Errorf("%s is read as %q", w, got)
			}
		}
		for _, w := range []string{"", "z", "zzz", "zzzz", "aban", "abandonx", "åäö"} {
			if got, ok := fullWord(w); ok != (w == "aban") {
				t.Errorf("%q is %q", w, got)
			}
		}
	})
}

func TestWords(t *testing.T) {
	t.Run("values are written as others write BIP-39, and read back", func(t *testing.T) {
		for i := range 500 {
			value := make([]byte, 32)
			if i > 1 {
				rand.Read(value)
			} else {
				value = bytes.Repeat([]byte{byte(-i)}, 32)
			}
			words := wordsOf(value)
			theirs, err := bip39.NewMnemonic(value)
			if err != nil || strings.Join(words, " ") != theirs {
				t.Fatalf("%x is %q, not %q: %v", value, words, theirs, err)
			}
			if got, err := valueOf(words); err != nil || !bytes.Equal(got, value) {
				t.Fatalf("%x is read as %x: %v", value, got, err)
			}
		}
	})
	t.Run("two that changed places, one too many or too few, and a foreign one are refused", func(t *testing.T) {
		words := wordsOf(bytes.Repeat([]byte{7, 99}, 16))
		changed := slices.Clone(words)
		changed[0], changed[1] = changed[1], changed[0]
		foreign := slices.Clone(words)
		foreign[5] = "sigill"
		for _, bad := range [][]string{nil, changed, foreign, words[:23], append(slices.Clone(words), "zoo")} {
			_, theirs := bip39.EntropyFromMnemonic(strings.Join(bad, " "))
			if _, err := valueOf(bad); err != errWords || theirs == nil {
				t.Errorf("%q: %v", bad, err)
			}
		}
	})
}
