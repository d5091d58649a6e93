package records_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	netmail "net/mail"
	"strings"
	"testing"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/records"
)

func write(t *testing.T, m records.Mail) []byte {
	t.Helper()
	r, size := records.EML(m)
	b, err := io.ReadAll(io.NewSectionReader(r, 0, size))
	if err != nil || int64(len(b)) != size {
		t.Fatalf("read %d of %d bytes: %v", len(b), size, err)
	}
	return b
}

func TestEML(t *testing.T) {
	at := time.Date(2026, 4, 26, 10, 14, 0, 0, time.UTC)
	t.Run("a file of any length comes back, whole and in ranges", func(t *testing.T) {
		for _, n := range []int{0, 1, 56, 57, 58, 113, 114, 29184, 29185, 200_000} {
			content := make([]byte, n)
			rand.Read(content)
			m := records.Mail{ID: "a@b", At: at, Head: mail.Head{From: "anna@example.se", Subject: "Hej"}, Files: []records.Attachment{{Head: mail.FileHead{Name: "f.bin", Type: "application/pdf", Size: int64(n)}, Content: bytes.NewReader(content)}}}
			whole := write(t, m)
			if got := lastPart(t, whole); !bytes.Equal(got, content) {
				t.Fatalf("%d bytes: other content", n)
			}
			r, size := records.EML(m)
			for _, off := range []int64{0, 1, 77, 78, 79, size / 2, size - 1} {
				p := make([]byte, min(100, size-off))
				if _, err := r.ReadAt(p, off); err != nil || !bytes.Equal(p, whole[off:off+int64(len(p))]) {
					t.Fatalf("%d bytes: range at %d differs: %v", n, off, err)
				}
			}
		}
	})
	t.Run("text, HTML, subject and names come back as they were", func(t *testing.T) {
		long := strings.Repeat("Räksmörgås på ön, ", 30)
		m := records.Mail{ID: "a@b", At: at, Head: mail.Head{From: "anna@example.se", FromName: `Öberg, "Anna" <x@y>`, Subject: long, To: []mail.Named{{Name: "Bo", Address: "bo@example.se"}, {Address: "c@example.se"}}}, Body: mail.Body{Text: "Hej\nå", HTML: "<p>Hej å"}}
		msg, err := netmail.ReadMessage(bytes.NewReader(write(t, m)))
		if err != nil {
			t.Fatal(err)
		}
		subject, err := new(mime.WordDecoder).DecodeHeader(msg.Header.Get("Subject"))
		if err != nil || subject != long {
			t.Errorf("subject %q, %v", subject, err)
		}
		from, err := msg.Header.AddressList("From")
		if err != nil || len(from) != 1 || from[0].Name != m.Head.FromName || from[0].Address != "anna@example.se" {
			t.Errorf("from %v, %v", from, err)
		}
		to, err := msg.Header.AddressList("To")
		if err != nil || len(to) != 2 {
			t.Errorf("to %v, %v", to, err)
		}
	})
	t.Run("nothing in a message adds a header line", func(t *testing.T) {
		plain := records.Mail{ID: "a@b", At: at, Head: mail.Head{From: "a@example.se", FromName: "A", Subject: "S", To: []mail.Named{{Name: "N", Address: "b@example.se"}}}, Files: []records.Attachment{{Head: mail.FileHead{Name: "f", Type: "text/plain", ContentID: "c"}, Content: strings.NewReader("")}}}
		want := headerLines(t, write(t, plain))
		for _, evil := range []string{"\r\nBcc: x@y.se", "\nX-A: b", "\rX-A: b", "\x00", "\u2028X: y", "\u0085X: y", "\x0bX: y", ",\r\n X-A: b", `"; x="`, "=?utf-8?q?=0d=0aX:_y?="} {
			m := plain
			m.ID += evil
			m.Head.From += mail.Address(evil)
			m.Head.FromName += evil
			m.Head.Subject += evil
			m.Head.To = []mail.Named{{Name: "N" + evil, Address: mail.Address("b@example.se" + evil)}}
			m.Files = []records.Attachment{{Head: mail.FileHead{Name: "f" + evil, Type: "text/plain" + evil, ContentID: "c" + evil}, Content: strings.NewReader("")}}
			if got := headerLines(t, write(t, m)); got != want {
				t.Errorf("%q: %d header lines, not %d", evil, got, want)
			}
		}
	})
}

// headerLines counts the lines of all headers that do not continue another.
func headerLines(t *testing.T, eml []byte) int {
	t.Helper()
	n := 0
	for _, block := range strings.Split(string(eml), "\r\n\r\n") {
		for _, l := range strings.FieldsFunc(block, func(r rune) bool { return r == '\r' || r == '\n' }) {
			if strings.Contains(l, ":") && l[0] != ' ' && l[0] != '\t' {
				n++
			}
		}
	}
	return n
}

func lastPart(t *testing.T, eml []byte) []byte {
	t.Helper()
	msg, err := netmail.ReadMessage(bytes.NewReader(eml))
	if err != nil {
		t.Fatal(err)
	}
	_, params, err := mime.ParseMediaType(msg.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	mr := multipart.NewReader(msg.Body, params["boundary"])
	var last []byte
	for {
		p, err := mr.NextRawPart()
		if err == io.EOF {
			return last
		}
		if err != nil {
			t.Fatal(err)
		}
		enc, err := io.ReadAll(p)
		if err != nil {
			t.Fatal(err)
		}
		last = unbase64(t, enc)
	}
}

func unbase64(t *testing.T, enc []byte) []byte {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(string(enc), "\r\n", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
