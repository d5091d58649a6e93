package trap

import (
	"strings"
	"testing"
)

func FuzzParse(f *testing.F) {
	f.Add([]byte("Subject: =?utf-8?B?w6U=?=\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nhej\r\n--b--\r\n"))
	f.Add([]byte("Content-Type: text/plain; charset=klingon\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!"))
	f.Add([]byte("Content-Type: multipart/mixed; boundary=\"\"\r\n\r\n--\r\n"))
	f.Add([]byte("no header"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m := parse(raw)
		if m.Raw != string(raw) {
			t.Fatal("the raw mail was changed")
		}
		for _, p := range linked(m.Text) {
			if p.Href != "" && !strings.HasPrefix(p.Href, "http://") && !strings.HasPrefix(p.Href, "https://") {
				t.Fatalf("a link to %q", p.Href)
			}
		}
		var all strings.Builder
		for _, p := range linked(m.Text) {
			all.WriteString(p.Text)
		}
		if all.String() != m.Text {
			t.Fatal("a text was changed")
		}
	})
}
