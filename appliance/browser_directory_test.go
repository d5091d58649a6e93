package appliance_test

import (
	"fmt"
	"time"

	"github.com/chromedp/chromedp"

	"sigill/appliance/mail"
)

// suspending is what an organiser sees of somebody who has left.
func (w *walk) suspending() {
	b := w.tab().Signs(karinAt)
	boss := w.Organiser(adminAt)
	unit, person := boss.unit("Barn och familj"), boss.person(johanAt)
	b.Goes(person).Sees("När någon slutar").Look("person-active")
	b.Sends(person + "/suspend").Sees("Avstängd sedan").Look("person-suspended")
	b.Goes(unit).Sees("Avstängd").Look("unit-suspended")
	b.Goes(person).Sends(person + "/resume").Sees("kan logga in igen")
	w.handingOver(b, boss)
}

// handingOver is the end of somebody's work: the last day, and who has the mailbox then.
func (w *walk) handingOver(b *tab, boss *organiser) {
	const at = "slutar.snart@exempelkommun.se"
	boss.adds("Barn och familj", at, "Sture Slutar-Snart")
	person := boss.person(at)
	b.Goes(person).Fills("last", "1999-01-01").Sends(person + "/leaving").Sees("Välj i dag eller en senare dag").Look("person-leaving-past")
	b.Fills("last", "2099-12-31").Sends(person + "/leaving").Sees("Sista dagen är sparad").Look("person-leaving")
	b.Sends(person + "/suspend").Sees("Lämna över brevlådan")
	b.Fills("address", "ingen@exempelkommun.se").Sends(person + "/handover").Sees("Ingen i organisationen").Look("person-handover-nobody")
	admin := w.tab().Signs(adminAt)
	admin.Goes(person).Fills("address", johanAt).Sends(person+"/handover").Sees("Brevlådan är överlämnad", "Väntar på en kollega").Look("org-mailbox-handed")
	box := admin.Path()
	b.Goes(box).Sees("Lämna ut äldre brev").Look("org-mailbox-give")
	w.Turn(6 * time.Minute)
	b.Sends(box + "/give").At("/account/prove").Look("prove-give")
	b.Fills("password", w.passwordOf(karinAt)).Sends("/account/prove").At(box)
	b.Sends(box + "/give").Sees("inte varit organisatör här i en vecka").Look("org-mailbox-give-new")
	w.Send(letter{from: johanAt, to: []string{at + ".s"}, subject: "Hej", body: "Hej."})
	b.Goes(box).act("unfold", chromedp.Click(`details:has(form[action$="/end"]) > summary`, chromedp.ByQuery))
	b.Fills("last", "2026-01-01", "decision", "KS 2026/17").Sends(box + "/end").Sees("minst två veckor bort").Look("org-mailbox-end-soon")
	b.Fills("last", "2099-12-31").Sends(box + "/end").Sees("Brevlådan avslutas när den dagen är slut").Look("org-mailbox-ends")
}

// directory is what an administrator sees of the house's directory.
func (w *walk) directory() {
	b := w.tab().Signs(adminAt)
	for i := range 8 {
		w.people.has(fmt.Sprintf("Sommar-Vikarie %d", i), fmt.Sprintf("sommar.%d@exempelkommun.se", i), "Socialförvaltningen", "Sommarvikarier")
	}
	w.people.has("=SUMMA(A1)", "formel@exempelkommun.se")
	w.people.has("Någon Annan", "nagon.annan.med.en.mycket.lang.adress@annan.example")
	b.Goes(directoryAt).Sees("inte lästs in än").Look("directory")
	b.Sends(directoryAt + "/try").Sees("Förbindelsen fungerar").Look("directory-tried")
	b.Sends(directoryAt + "/plan").Sees("Det här skulle hända").Look("directory-plan")
	w.readsDirectory()
	b.Goes(directoryAt).Sees("Gick bra").Look("directory-done")
	for i := range 8 {
		w.people.lacks(fmt.Sprintf("sommar.%d@exempelkommun.se", i))
	}
	w.readsDirectory()
	b.Goes(directoryAt).Sees("Inget är gjort").Look("directory-braked")
	b.Sends(directoryAt + "/plan").Sees("skulle stängas av").Look("directory-plan-braked")
	b.Goes("/org").Sees("Katalogen väntar på ett ja").Look("org-directory")
	pause := make(chan struct{})
	w.people.waits(pause)
	b.Goes(directoryAt).Presses(`section form button`).Sees("Katalogen läses").Look("directory-running")
	w.people.waits(nil)
	close(pause)
	w.readsDirectory()
	w.people.breaks(mail.E(mail.Invalid, "error.directory.certificate", nil))
	b.Goes(directoryAt).Sends(directoryAt + "/try").Sees("certifikat").Look("directory-refused")
	w.readsDirectory()
	b.Goes(directoryAt).Sees("Misslyckades").Look("directory-failed")
	w.people.breaks(nil)
}

// readsDirectory has an administrator read it elsewhere, to its end.
func (w *walk) readsDirectory() { w.Helper(); w.Organiser(adminAt).readsDirectory() }
