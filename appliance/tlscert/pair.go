package tlscert

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// maxFile bounds a file with certificates or a key, in bytes. Chains are a few thousand long.
const maxFile = 1 << 20

// newKey makes a key of the kind that every browser of the last ten years takes.
func newKey() (*ecdsa.PrivateKey, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) }

// bundle is a key and its certificates in one text, the key first.
func bundle(key crypto.PrivateKey, chain ...[]byte) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("write key: %w", err)
	}
	b := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	for _, c := range chain {
		b = append(b, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c})...)
	}
	return b, nil
}

// parse reads a pair of which the two texts may be the same. An error holds nothing of them.
func parse(cert, key []byte) (*tls.Certificate, error) {
	p, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, err
	}
	if p.Leaf == nil {
		if p.Leaf, err = x509.ParseCertificate(p.Certificate[0]); err != nil {
			return nil, err
		}
	}
	return &p, nil
}

// holdsCertificate reports whether the first certificate of a text can be read.
func holdsCertificate(text []byte) bool {
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == "CERTIFICATE" {
			_, err := x509.ParseCertificate(block.Bytes)
			return err == nil
		}
	}
	return false
}

// holdsKey reports whether a text holds a private key in one of its usual forms.
func holdsKey(text []byte) bool {
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		_, pkcs8 := x509.ParsePKCS8PrivateKey(block.Bytes)
		_, pkcs1 := x509.ParsePKCS1PrivateKey(block.Bytes)
		_, sec1 := x509.ParseECPrivateKey(block.Bytes)
		if pkcs8 == nil || pkcs1 == nil || sec1 == nil {
			return true
		}
	}
	return false
}

// readBundle reads what write has written; fs.ErrNotExist if there is none.
func readBundle(path string) (*tls.Certificate, error) {
	b, err := readSome(path)
	if err != nil {
		return nil, err
	}
	return parse(b, b)
}

// readSome reads a file of at most maxFile bytes. What is no ordinary file is not waited for.
func readSome(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(b) > maxFile {
		err = fmt.Errorf("%s is longer than %d bytes", path, maxFile)
	}
	return b, err
}

// write puts a text into a file of mode 0600, durably, in the place of what stood there.
func write(path string, text []byte) (err error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".new-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("write %s: %w", filepath.Base(path), err), os.Remove(f.Name()))
		}
	}()
	_, err = io.Copy(f, bytes.NewReader(text))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return err
	}
	d, e := os.Open(dir)
	if e != nil {
		return nil // the name is there; after a power cut it may be the old one
	}
	_ = errors.Join(d.Sync(), d.Close())
	return nil
}
