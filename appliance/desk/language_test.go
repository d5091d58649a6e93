package desk_test

import (
	"testing"

	"sigill/appliance/mail"
)

// told is in which language the notice of a letter to anna goes out.
func (h *house) told(dr *mail.Draft) (lang string, code mail.LinkCode) {
	h.t.Helper()
	h.accept(dr)
	n := h.one(mail.NoticeLetter)
	return n.Notice.Lang, h.code(n)
}

func TestLanguageOfTheNotice(t *testing.T) {
	in := func(lang string) *mail.Draft {
		dr := letterTo(toAnna())
		dr.Ask.Lang = lang
		return dr
	}
	h := newHouse(t)
	t.Run("of whom nothing is known is told in the house's", func(t *testing.T) {
		lang, code := h.told(in(""))
		if l := h.look(code); lang != "sv" || l.Lang != "" {
			t.Errorf("%q, %q", lang, l.Lang)
		}
	})
	t.Run("the sender may ask for another, and the pages know it", func(t *testing.T) {
		lang, code := h.told(in("fi"))
		if l := h.look(code); lang != "fi" || l.Lang != "fi" {
			t.Errorf("%q, %q", lang, l.Lang)
		}
	})
	t.Run("what the reader has picked, and proven to be theirs, is remembered", func(t *testing.T) {
		_, code := h.told(in(""))
		l := h.look(code)
		l.Picked = "da"
		if _, err := h.Admit(ctx, l, "sms"); err != nil {
			t.Fatal(err)
		}
		worked := h.known(anna).Worked
		if lang, _ := h.told(in("")); lang != "da" || worked.IsZero() {
			t.Errorf("%q, worked %v", lang, worked)
		}
	})
	t.Run("for one letter the sender's word goes before that", func(t *testing.T) {
		if lang, _ := h.told(in("nb")); lang != "nb" {
			t.Error(lang)
		}
	})
	t.Run("who has an account is told in its language, whatever the sender asks for", func(t *testing.T) {
		h.register(anna, annaPhone)
		h.accept(in("nb"))
		if n := h.one(mail.NoticeRecipient); n.Notice.Lang != "fi" {
			t.Error(n.Notice.Lang)
		}
	})
	t.Run("and the sender is told in the sender's own", func(t *testing.T) {
		h.accept(letterTo(toBo()))
		for _, n := range h.news() {
			switch n.Kind {
			case mail.NoticeReport:
				if n.Notice.Lang != "fi" {
					t.Errorf("the report is in %q", n.Notice.Lang)
				}
			case mail.NoticeLetter:
				if err := h.WrongNumber(ctx, h.look(h.code(n))); err != nil {
					t.Fatal(err)
				}
			}
		}
		if n := h.one(mail.NoticeWrong); n.Notice.Lang != "fi" {
			t.Error(n.Notice.Lang)
		}
	})
}
