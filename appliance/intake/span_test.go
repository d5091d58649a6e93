package intake_test

import (
	"bytes"
	"encoding/base64"
	"math/rand/v2"
	"strings"
	"testing"

	"sigill/appliance/intake"
	"sigill/appliance/mail"
)

// withFiles puts the files of a draft back into what is left of its mail, as a reader
// of the stored parts does.
func withFiles(d *mail.Draft) []byte {
	var out []byte
	raw := d.Raw
	used := int64(0)
	for _, f := range d.Files {
		if f.Raw.Chars == 0 {
			continue
		}
		out = append(out, raw[used:f.Raw.At]...)
		text := base64.StdEncoding.EncodeToString(f.Data)
		for len(text) > f.Raw.Chars {
			out = append(out, text[:f.Raw.Chars]+"\r\n"...)
			text = text[f.Raw.Chars:]
		}
		out = append(out, text...)
		used = f.Raw.At + f.Raw.Len(len(f.Data))
	}
	return append(out, raw[used:]...)
}

func encoded(data []byte, chars int, end string) string {
	var b strings.Builder
	text := base64.StdEncoding.EncodeToString(data)
	for len(text) > chars {
		b.WriteString(text[:chars] + end)
		text = text[chars:]
	}
	return b.String() + text
}

func TestSpan(t *testing.T) {
	data := make([]byte, 1000)
	rand.NewChaCha8([32]byte{7}).Read(data)
	whole := func(body string) []byte {
		return []byte("From: a@b.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n" +
			"--x\r\nContent-Type: text/plain\r\n\r\nHej\r\n" +
			"--x\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n" + body + "\r\n--x--\r\n")
	}
	for name, c := range map[string]struct {
		body string
		cut  bool
	}{
		"lines of 76":                          {encoded(data, 76, "\r\n"), true},
		"lines of 64, and blank lines behind":  {encoded(data, 64, "\r\n") + "\r\n\r\n", true},
		"the last line as long as the others":  {encoded(data[:57*3], 76, "\r\n"), true},
		"one line":                             {encoded(data[:30], 76, "\r\n"), true},
		"padding":                              {encoded(data[:58], 76, "\r\n"), true},
		"a blank line first":                   {"\r\n" + encoded(data, 76, "\r\n"), false},
		"a blank line between":                 {encoded(data[:57], 76, "\r\n") + "\r\n\r\n" + encoded(data[57:], 76, "\r\n"), false},
		"a shorter line between":               {encoded(data[:57], 72, "\r\n") + "\r\n" + encoded(data[57:], 76, "\r\n"), false},
		"a longer line between":                {encoded(data[:57], 76, "\r\n") + "\r\n" + encoded(data[57:], 80, "\r\n"), false},
		"blanks at the ends of lines":          {encoded(data, 76, " \r\n"), false},
		"a line of the same length as two are": {encoded(data[:57], 76, "\r\n") + "\r\n" + encoded(data[57:57+27], 36, "\r\n") + "\r\n" + encoded(data[84:84+27], 38, "\r\n"), false},
		"bits behind the end":                  {"QR==", false},
		"nothing":                              {"", false},
	} {
		t.Run("a file in base64 with "+name, func(t *testing.T) {
			d, err := intake.Read(whole(c.body), intake.DefaultLimits())
			if err != nil || len(d.Files) != 1 {
				t.Fatal(err, d)
			}
			if cut := d.Files[0].Raw.Chars > 0; cut != c.cut {
				t.Errorf("cut out: %v", cut)
			}
			if !bytes.Equal(withFiles(d), d.Raw) {
				t.Error("the mail put together again differs")
			}
		})
	}
}
