package config

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
)

// Secret is a password or key that was read from a file. It prints as [secret];
// string(s) is its value, for the part that uses it.
type Secret string

// String hides the value.
func (Secret) String() string { return "[secret]" }

// Format hides the value from every verb.
func (Secret) Format(f fmt.State, _ rune) { io.WriteString(f, "[secret]") }

// LogValue hides the value.
func (Secret) LogValue() slog.Value { return slog.StringValue("[secret]") }

// MarshalText hides the value from TOML and JSON.
func (Secret) MarshalText() ([]byte, error) { return []byte("[secret]"), nil }

const (
	maxSecret = 4096     // bytes of a file with a secret
	maxKey    = 32 << 10 // bytes of a file with a private key and certificates
)

// readSecret reads a file that holds one secret on one line. The error never
// holds what stands in the file.
func readSecret(path string) (Secret, error) {
	b, err := readPrivate(path, maxSecret)
	if err != nil {
		return "", err
	}
	s := strings.TrimRight(string(b), "\r\n")
	if s == "" || len(b) > maxSecret || strings.ContainsAny(s, "\r\n\x00") {
		return "", fmt.Errorf("%s does not hold one line of 1 to %d bytes", path, maxSecret)
	}
	return Secret(s), nil
}

// readKey reads a file that holds a private key in PEM form, which is looked at by the
// part that uses it.
func readKey(path string) (Secret, error) {
	b, err := readPrivate(path, maxKey)
	if err != nil {
		return "", err
	}
	if len(b) > maxKey || !strings.Contains(string(b), "-----BEGIN ") {
		return "", fmt.Errorf("%s does not hold a private key in PEM form of at most %d bytes", path, maxKey)
	}
	return Secret(b), nil
}

// readPrivate reads at most one byte more than most from a file that not everybody can
// read.
func readPrivate(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a file", path)
	}
	if info.Mode().Perm()&0o007 != 0 {
		return nil, fmt.Errorf("everybody can reach %s: chmod o= it", path)
	}
	return io.ReadAll(io.LimitReader(f, most+1))
}
