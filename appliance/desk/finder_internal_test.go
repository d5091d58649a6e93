package desk

import (
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"sigill/appliance/mail"
)

// full is a finder that takes so many bytes.
func full(bytes int64) *Finder {
	f := NewFinder(mail.ID{})
	f.remember(mail.NewID(), "x")
	f.bytes.Store(bytes)
	return f
}

func TestFindersAreBoundedTogether(t *testing.T) {
	t.Run("those that were not used for longest are emptied", func(t *testing.T) {
		var s finders
		a, b, c := full(maxFinders/2), full(maxFinders/2), full(maxFinders/2)
		s.used(a)
		s.used(b)
		if a.Known() != 1 || b.Known() != 1 {
			t.Error("emptied though there is room")
		}
		s.used(a) // again
		s.used(c)
		if a.Known() != 1 || b.Known() != 0 || c.Known() != 1 {
			t.Errorf("%d, %d, %d letters are kept", a.Known(), b.Known(), c.Known())
		}
	})
	t.Run("one whose session is over is nobody's, and counts no more", func(t *testing.T) {
		var s finders
		func() { s.used(full(maxFinders)) }()
		runtime.GC()
		runtime.GC()
		a := full(maxFinders / 2)
		s.used(a)
		if len(s.list) != 1 || a.Known() != 1 {
			t.Errorf("%d finders, %d letters", len(s.list), a.Known())
		}
	})
}

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"Försörjning ÅÄÖ": "forsorjning aao", "e\u0301TÉ": "ete", "ﬁn": "fin", "\xff\xfe": "\ufffd\ufffd", "İ": "i", "ΣΑΣ": "σασ",
	} {
		if got := fold(in, 100); got != want {
			t.Errorf("%q is %q, not %q", in, got, want)
		}
	}
	long := textOf(mail.Head{Subject: strings.Repeat("å\u202e👩‍👩‍👧", 1000), To: make([]mail.Named, 5000)})
	if len(long) > maxFindText+utf8.UTFMax || !utf8.ValidString(long) {
		t.Errorf("%d bytes", len(long))
	}
}
