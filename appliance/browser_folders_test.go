package appliance_test

import (
	"strings"

	"github.com/chromedp/chromedp"
)

// hostile is a subject as nobody writes one: without a blank, right to left, and of
// pictures and signs.
const hostile = "Försörjningsstödshandläggningsenhetsövertagandebeslutsunderlagsbilaga_2027_09_14_v2 \u202eقرار بشأن المساعدة\u202c 👩‍👩‍👧‍👦🏳️‍🌈 <b>fet</b>"

// folders are what a caseworker does all day: look, search, mend what waits, tidy up.
func (w *walk) folders() {
	w.Send(letter{from: karinAt, to: []string{johanAt + ".s"}, subject: hostile, body: "Hej Johan."})
	b := w.tab().Signs(johanAt).Look("inbox-one")
	b.Goes("/mail?show=unread").Look("inbox-unread")
	b.Goes("/mail/held").Look("held-none")
	w.Send(letter{from: johanAt, to: []string{"hedvig@example.se.s", "ivan@example.se.070123456.s", "jenny@example.ses"}, subject: "Underlag " + hostile, body: "Hej."})
	b.Goes("/mail").Look("inbox-held")
	b.Goes("/mail/held").Look("held")
	b.Goes("/mail?choose=all").Presses(`.bulk button[value=trash]`).Sees("Brevet ligger i papperskorgen").Look("inbox-moved")
	b.Goes("/mail?show=unread").Look("inbox-unread-none")
	b.Goes("/mail/trash").Look("trash-one")
	b.Goes("/mail?choose=all").Goes("/mail/trash?choose=all").Presses(`.bulk button[value=restore]`).Sees("Brevet är tillbaka")
	b.Presses(`.ds-alert form[action="/mail/move"] button`).Sees("Brevet ligger i papperskorgen")
	b.Presses(`.ds-alert form[action="/mail/move"] button`).Sees("Brevet är tillbaka")
	b.Goes("/mail").Presses(`.bulk button[value=trash]`).Sees("Markera minst ett brev").Look("inbox-nothing-chosen")
	w.searching(b)
	w.conversation()
	if w.script {
		w.shortcuts(b)
	}
}

func (w *walk) searching(b *tab) {
	b.Goes("/mail").Fills("q", "SOVERTAGANDE").Presses(`.heading form button`).Sees("2 brev").Look("found")
	b.Goes("/contacts").Presses(`[data-seek]`).At("/mail/search").Look("search")
	b.Goes("/mail").Fills("q", "finns inte").Presses(`.heading form button`).Sees("Inget brev hittades").Look("found-none")
	b.Goes("/mail").Presses(`.heading form button`).Sees("Skriv ett ord").Look("found-nothing-asked")
}

// conversation is a letter with its answers.
func (w *walk) conversation() {
	w.Send(letter{from: johanAt, to: []string{"kerstin@example.se.0701234561.s"}, subject: "Beslut", body: "Du får hjälp.\nHör av dig."})
	guest := w.Browser().Opens(w.Await("email", "kerstin@example.se", 1), "+46701234561")
	guest.Get("/m/letter/reply").Upload("/m/letter/reply", "Tack.", nil)
	w.Turn(2 * 60e9)
	guest.Get("/m/letter/reply").Upload("/m/letter/reply", "En sak till: "+hostile, nil)
	b := w.tab().Signs(johanAt)
	b.Goes("/mail").Presses(`.mails a.main`).Sees("En sak till", "2 brev till").Look("conversation")
	b.act("unfold", chromedp.Evaluate(`document.querySelectorAll(".conversation details").forEach(d => d.open = true)`, nil))
	b.Sees("Du får hjälp.").Look("conversation-open")
}

// shortcuts are what single keys do, where they rest, and how they are turned off.
func (w *walk) shortcuts(b *tab) {
	w.Helper()
	at := func(sel string) string { return `document.activeElement?.matches("` + sel + `")` }
	b.Goes("/mail").keys("j").Becomes(at(".mails > li:first-child a.main"))
	b.keys("j").Becomes(at(".mails > li:nth-child(2) a.main")).keys("k").Becomes(at(".mails > li:first-child a.main"))
	b.keys("x").Becomes(`document.querySelector(".mails > li:first-child input").checked`)
	b.keys("/").Becomes(at("[name=q]")).keys("jx?").Becomes(`document.activeElement.value.endsWith("jx?") && !document.querySelector("dialog").open`)
	b.Goes("/mail").keys("jo").Becomes(`location.pathname.startsWith("/mail/")`)
	path := b.Path()
	b.keys("u").Becomes(`location.pathname === "/mail"`)
	b.Goes(path).keys("#").Becomes(`document.body.innerText.includes("ligger i papperskorgen")`)
	b.Goes("/mail").keys("?").Becomes(`document.querySelector("dialog").open`).Look("shortcuts")
	b.Goes("/mail").keys("?").Becomes(`document.querySelector("dialog").open`)
	b.act("turn them off", chromedp.Click("[data-keys-on]", chromedp.ByQuery), chromedp.Click("dialog form button", chromedp.ByQuery))
	b.Goes("/mail").keys("jc")
	if focus := b.Eval(`document.activeElement.tagName`); strings.Contains(focus, "A") || b.Path() != "/mail" {
		b.Errorf("they work all the same: %s, %s", focus, b.Path())
	}
}
