package appliance_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/chromedp/chromedp"
)

// functionMailbox is what organisers and readers see of a function mailbox.
func (w *walk) functionMailbox() {
	boss := w.tab().Signs(adminAt)
	id := w.makeMailbox(boss)
	b := w.tab().Signs(caseworker)
	letter := w.sharedLetter(b, id)
	w.sharedWriting(b, "/box/"+id)
	w.givesOlder(boss, b, id, letter)
	w.manyMailboxes(boss, b)
}

// makeMailbox makes one as an organiser does, with what goes wrong at it.
func (w *walk) makeMailbox(boss *tab) string {
	boss.Goes("/org").Presses(`.list tbody tr:nth-child(5) a`).Sees("Barn och familj")
	unit := boss.Path()
	boss.Form(unit+"/mailbox", "name", "Barn och familj", "address", "barn@annan.se").Sees("någon av de egna domänerna").Look("unit-mailbox-error")
	boss.Form(unit+"/mailbox", "name", "Barn och familj", "address", "barnochfamilj@exempelkommun.se").Sees("Ingen läser här").Look("org-mailbox-empty")
	at := boss.Path()
	boss.Goes(unit).Look("unit-mailboxes")
	boss.Goes(at).Form(at+"/join", "address", caseworker).Sees("Maria Ek")
	boss.Form(at+"/substitute", "address", karinAt).Sees("Karin Berg").Look("org-mailbox")
	boss.Form(at+"/change", "alarm", "99").Sees("60").Look("org-mailbox-error")
	boss.Form(at+"/change", "alarm", "5").Sees("Ändringen är sparad")
	return strings.TrimPrefix(at, "/org/mailbox/")
}

// sharedLetter is a letter in it, and what colleagues do with that.
func (w *walk) sharedLetter(b *tab, id string) string {
	box := "/box/" + id
	b.Goes(box).Look("box-empty")
	w.Send(letter{from: johanAt, to: []string{"barnochfamilj@exempelkommun.se.s"}, subject: "Orosanmälan", body: "Hej.\n\nRing mig om barnet på Storgatan.\n"})
	b.Goes(box).Sees("Orosanmälan").Presses(`.mails a.main`).Sees("Storgatan", "Ingen har hand om").Look("box-letter")
	path := b.Path()
	b.Sends(path + "/claim").Sees("Du har hand om").Look("box-letter-mine")
	b.Fills("text", "Jag ringde\nförgäves <b>i dag</b>.").Sends(path+"/remark").Sees("Anteckningen är sparad", "förgäves <b>i dag</b>.").Look("box-letter-remark")
	b.Goes(box).Sees("Hos dig").Look("box")
	return path
}

func (w *walk) sharedWriting(b *tab, box string) {
	b.Goes(box + "/write").Look("box-write")
	b.Fills("to", "anna@example.se", "phone", "0701234567", "subject", "Från oss", "text", "Hej Anna.")
	b.Presses(`button[name=do][value=save]`).Sees("Utkastet är sparat")
	b.Goes(box + "/drafts").Sees("Från oss").Look("box-drafts")
	b.Presses(`.mails a.main`).Presses(`button[name=do][value=send]`).Look("box-check")
	b.Presses(`form[action$="/send"] button`).At(box + "/sent").Look("box-sent")
	b.Presses(`.mails a.main`).Sees("Skrivet av Maria Ek").Look("box-sent-letter")
	b.Presses(`form[action$="/move"] button`).At(box + "/sent")
	b.Goes(box + "/trash").Look("box-trash")
	b.Goes(box + "/held").Look("box-held-none")
}

// givesOlder is a colleague who comes later, asks, gets, and leaves.
func (w *walk) givesOlder(boss, b *tab, id, letter string) {
	box, at := "/box/"+id, "/org/mailbox/"+id
	boss.Goes(at).act("from the start", chromedp.Click(`details:has(form[action$="/join"]) > summary`, chromedp.ByQuery), chromedp.Click("#f-from-start", chromedp.ByQuery))
	boss.Form(at+"/join", "address", johanAt).Sees("Ber om äldre").Look("org-mailbox-asked")
	johan := w.tab().Signs(johanAt)
	johan.Goes(box).Sees("Från tiden innan").Look("box-closed")
	b.Goes(box).Sees("Johan Lind vill läsa").Look("box-asked")
	b.Goes(box + "/people").Look("box-people")
	w.Turn(6 * time.Minute)
	b.Sends(box + "/give").At("/account/prove")
	b.Fills("password", w.passwordOf(caseworker)).Sends("/account/prove").At(box + "/people").Look("box-proved")
	b.Sends(box + "/give").At(box + "/people").Sees("kan läsa de äldre")
	b.Goes(box + "/export").Sees("Alla som läser i brevlådan får ett mejl").Look("box-export")
	b.Goes(letter).Sends(letter + "/release").Sees("Ingen har hand om brevet nu").Goes(letter)
	johan.Goes(letter).Sees("Storgatan").Sends(letter + "/claim")
	b.Sends(letter + "/claim").Sees("redan tagit").Look("box-letter-busy")
	johan.Goes(box + "/leave").Look("box-leave")
	johan.Sends(box + "/leave").At("/mail")
	b.Goes(box + "/leave").Look("box-leave-last")
}

// manyMailboxes is the menu of who reads in many.
func (w *walk) manyMailboxes(boss, b *tab) {
	for i, name := range []string{"Vatten och avlopp, Norra distriktet", "Försörjningsstödhandläggningsenhetensfunktionsbrevlåda i Storstaden", "Receptionen", "Överförmyndaren"} {
		boss.Goes("/org").Presses(`.list tbody tr:nth-child(5) a`)
		boss.Form(boss.Path()+"/mailbox", "name", name, "address", fmt.Sprintf("funktion%d@exempelkommun.se", i))
		boss.Form(boss.Path()+"/join", "address", caseworker).Sees("Maria Ek")
	}
	b.Goes("/mail").act("unfold", chromedp.Click(".side .boxes summary", chromedp.ByQuery))
	b.Look("boxes-many")
}
