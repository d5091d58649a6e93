package keyring

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"slices"
	"strings"

	"sigill/embed"
)

// Words of BIP-39 (Bitcoin Improvement Proposal 39, "Generating the mnemonic"): a value of
// 256 bits, and behind it the first 8 bits of its SHA-256, in 24 words of 11 bits each.
const (
	wordBits = 11
	wordMask = 1<<wordBits - 1
)

// wordList returns the list. It is split when it is needed, which is when a kit is made or
// read: a running appliance has no use for it.
func wordList() []string { return strings.Fields(embed.KitWords) }

// wordsOf writes 32 bytes in 24 words.
func wordsOf(value []byte) []string {
	sum := sha256.Sum256(value)
	b := append(bytes.Clone(value), sum[0])
	list, words := wordList(), make([]string, 0, wordCount)
	var bits, held uint32
	for _, v := range b {
		held, bits = held<<8|uint32(v), bits+8
		if bits >= wordBits {
			bits -= wordBits
			words = append(words, list[held>>bits&wordMask])
		}
	}
	return words
}

// errWords says nothing of the words.
var errWords = errors.New("the words do not belong together: one was misread, or two changed places")

// valueOf reads what wordsOf wrote. The error is errWords if their checksum does not fit,
// or there are not 24 words of the list.
func valueOf(words []string) ([]byte, error) {
	if len(words) != wordCount {
		return nil, errWords
	}
	list, b := wordList(), make([]byte, 0, 33)
	var bits, held uint32
	for _, w := range words {
		i, ok := slices.BinarySearch(list, w)
		if !ok {
			return nil, errWords
		}
		held, bits = held<<wordBits|uint32(i), bits+wordBits
		for bits >= 8 {
			bits -= 8
			b = append(b, byte(held>>bits))
		}
	}
	value, check := b[:32], b[32]
	if sum := sha256.Sum256(value); sum[0] != check {
		return nil, errWords
	}
	return value, nil
}

// fullWord completes a word. No two words of the list begin with the same four letters.
func fullWord(w string) (string, bool) {
	list := wordList()
	i, ok := slices.BinarySearch(list, w)
	if ok {
		return w, true
	}
	if len(w) != 4 || i == len(list) || !strings.HasPrefix(list[i], w) {
		return "", false
	}
	return list[i], true
}
