package web

import (
	"strings"
	"testing"
)

func TestWhatIsLeftOfAForm(t *testing.T) {
	t.Run("only fields in which people write at length are told", func(t *testing.T) {
		for name, want := range map[string]bool{"text": true, "subject": true, "extra.letter.sv": true, "password": false, "textual": false, "extra": false, "": false, "code": false} {
			if isLeft(name) != want {
				t.Errorf("%q: %t", name, !want)
			}
		}
	})
	t.Run("all of them together have a bound", func(t *testing.T) {
		long := strings.Repeat("a", maxLeft-10)
		if got := joinLeft([]string{" Ett ", "", long, "Två", strings.Repeat("b", maxLeft)}); len(got) > maxLeft || got != "Ett\n\nTvå" && !strings.HasPrefix(got, "Ett\n\naaa") {
			t.Errorf("%d bytes: %.40q", len(got), got)
		}
	})
}
