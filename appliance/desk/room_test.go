package desk_test

import (
	"bytes"
	"testing"

	"sigill/appliance/desk"
	"sigill/appliance/mail"
	"sigill/appliance/vault"
)

func TestAReadersAnswersAreBounded(t *testing.T) {
	full := func(t *testing.T, err error) {
		t.Helper()
		want(t, err, mail.TooLarge)
		if say, sign := says(err, "Sign"); say != "error.answers" || sign != "Socialtjänsten" {
			t.Errorf("%s %q", say, sign)
		}
	}
	t.Run("in number", func(t *testing.T) {
		h := newHouse(t)
		m := h.accept(letterTo(toAnna(), toBo()))
		var guests []desk.Reader
		var letters []desk.Letter
		for _, n := range h.news() {
			if n.Kind == mail.NoticeLetter {
				r, l := h.guest(h.code(n))
				guests, letters = append(guests, r), append(letters, l)
			}
		}
		for range desk.MaxAnswers - 1 {
			h.reply(t, guests[0], letters[0].Holder, "Hej.")
		}
		one, err := h.Reply(ctx, guests[0], letters[0].Holder)
		fine(t, err)
		two, err := h.Reply(ctx, guests[0], letters[0].Holder)
		fine(t, err)
		_, err = one.Send(ctx, "Den sista.")
		fine(t, err)
		_, err = two.Send(ctx, "En för mycket, på samma gång.")
		full(t, err)
		h.open() // no restart gives room back
		_, err = h.Reply(ctx, guests[0], letters[0].Holder)
		full(t, err)
		if l, err := h.Answers(ctx, guests[0], letters[0].Holder); err != nil || len(l) != desk.MaxAnswers {
			t.Errorf("%d answers, %v", len(l), err)
		}
		h.reply(t, guests[1], letters[1].Holder, "Den andra läsaren har sitt eget.")
		h.view(func(tx *vault.ReadTx) error {
			thread, err := tx.Thread(h.message(m).Thread)
			if len(thread) != 1+desk.MaxAnswers+1 {
				t.Errorf("%d messages", len(thread))
			}
			return err
		})
	})
	t.Run("in bytes", func(t *testing.T) {
		h := newHouse(t)
		l := h.letter(letterTo(toAnna()))
		guest, _ := h.guest(l.code)
		x := h.message(h.reply(t, guest, l.anna, "Stort."))
		size := func(n int64) {
			fine(t, h.db.Update(ctx, func(tx *vault.Tx) error { x.Size = n; return tx.SaveMessage(x) }))
		}
		size(desk.MaxAnswerBytes - 1000)
		w, err := h.Reply(ctx, guest, l.anna)
		fine(t, err)
		fine(t, w.Attach(ctx, "a", "text/plain", bytes.NewReader(random(600))))
		full(t, w.Attach(ctx, "b", "text/plain", bytes.NewReader(random(600))))
		w.Cancel(ctx)
		w, err = h.Reply(ctx, guest, l.anna)
		fine(t, err)
		_, err = w.Send(ctx, string(bytes.Repeat([]byte("x"), 1001)))
		full(t, err)
		h.reply(t, guest, l.anna, "Det här får plats.")
		size(desk.MaxAnswerBytes)
		_, err = h.Reply(ctx, guest, l.anna)
		full(t, err)
	})
}
