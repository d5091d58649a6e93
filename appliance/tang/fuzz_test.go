package tang

import "testing"

func FuzzParse(f *testing.F) {
	f.Add("a..b.c.d")
	f.Fuzz(func(t *testing.T, line string) {
		l, err := parse(line)
		if err == nil && (len(l.iv) != 12 || len(l.content) < 16 || l.server.thumbprint() != l.Kid) {
			t.Error("taken, and not whole")
		}
	})
}

func FuzzAdvert(f *testing.F) {
	f.Add([]byte(`{"payload":"eyJrZXlzIjpbXX0","protected":"e30","signature":""}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if a, err := parseAdvert(b); err == nil && len(a.Signing) == 0 {
			t.Error("taken, and signed by nobody")
		}
	})
}
