package spool

import (
	"bytes"
	"strings"
	"testing"
)

func written(t testing.TB, m Mail) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := m.encode(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestForm(t *testing.T) {
	whole := Mail{Class: Peer, From: "a@example.se", Rcpts: []string{strings.Repeat("x", 2000) + "@example.se", "b@example.se"}, Raw: []byte("A: b\r\n\r\n{\"x\"}\n\n")}
	for name, bad := range map[string]string{
		"empty": "", "another version": "sigill/spool/2\n{}\n", "no line": mark + `{"class":"house","rcpts":["x"]}`,
		"no recipient": mark + `{"class":"house","from":"a@b.se","rcpts":[]}` + "\n", "no class": mark + `{"rcpts":["x"]}` + "\n", "no JSON": mark + "x\n",
		"an endless line": mark + `{"class":"house","from":"` + strings.Repeat("a", maxEnvelope),
	} {
		if _, err := decode(strings.NewReader(bad), 1<<20); err != errForm {
			t.Errorf("%s: %v", name, err)
		}
	}
	b := written(t, whole)
	got, err := decode(bytes.NewReader(b), int64(len(b)))
	if err != nil || got.Rcpts[0] != whole.Rcpts[0] || !bytes.Equal(got.Raw, whole.Raw) {
		t.Error(err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(written(f, Mail{Class: House, From: "a@example.se", Rcpts: []string{"b@example.se.s"}, Raw: []byte("A: b\r\n\r\nx")}))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := decode(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		again, err := decode(bytes.NewReader(written(t, m)), 8*int64(len(b))+1024)
		if err != nil || !bytes.Equal(again.Raw, m.Raw) || again.Class != m.Class {
			t.Errorf("written again it is another: %v", err)
		}
	})
}
