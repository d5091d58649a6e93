package appliance_test

import (
	"bytes"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"sigill/appliance"
)

// TestFaultPagesInBrowser shows what people meet when something is wrong with us, or
// with what they send. It has demos of its own, which it breaks.
func TestFaultPagesInBrowser(t *testing.T) {
	c := newChrome(t)
	for _, script := range []bool{true, false} {
		name := "with JavaScript"
		if !script {
			name = "without JavaScript"
		}
		t.Run(name, func(t *testing.T) {
			var gate *appliance.Gate
			dir := t.TempDir()
			w := &walk{journey: newJourneyIn(t, dir, appliance.AcceptLetter, func(d *appliance.Demo) { gate = appliance.GateOf(d) }), chrome: c, script: script}
			w.unsent(gate)
			w.chosen()
			w.tooLarge()
			w.lost(dir)
			w.tooMany()
		})
	}
}

// unsent is a PIN that the gateway does not take.
func (w *walk) unsent(gate *appliance.Gate) {
	notice := w.letterTo("ivar", "0701234551", "Kallelse")
	gate.Shut.Store(true)
	b := w.tab()
	b.Code(w.CodeOf(notice)).Sends("/m").At("/m/pin").Sees("Vi kunde inte skicka koden").Look("pin-unsent")
	b.again().Sees("Det har inte gått en minut").Look("pin-unsent-soon")
	w.tab().Signs(caseworker).Goes("/mail/sent").Sees("Sms kom inte fram").Look("sent-unsent")
	gate.Shut.Store(false)
	w.Turn(2 * time.Minute)
	b.again().Sees("Vi har skickat en kod").Fills("pin", w.LastPIN("+46701234551")).Sends("/m/pin").At("/m/letter")
}

// chosen is a letter of another level, in a house that has several.
func (w *walk) chosen() {
	b := w.tab().Signs("johan.lind@exempelkommun.se").Goes("/write").Sees("Enkelt brev").Look("write-levels")
	b.Fills("to", "lena@example.se", "subject", "Kallelse", "text", "Välkommen.")
	b.act("choose a level", chromedp.Click(`[name=level][value=letter]`, chromedp.ByQuery))
	b.Presses(`button[value=send]`).Sees("Enkelt brev").Look("check-letter")
}

// tooLarge is a text, and then a file, of more than we take.
func (w *walk) tooLarge() {
	b := w.tab().Opens(w.letterTo("jens", "0701234552", "Fråga"), "+46701234552").Goes("/m/letter/reply")
	b.act("write too much", chromedp.Evaluate(`(() => { const t = document.querySelector("textarea"); t.removeAttribute("maxlength"); t.value = "x".repeat(300000) })()`, nil))
	b.Sends("/m/letter/reply").Sees("för stort").Look("error-large")

	path := filepath.Join(w.TempDir(), "film.mp4")
	writeFile(w, path, "")
	if err := os.Truncate(path, 201<<20); err != nil {
		w.Fatal(err)
	}
	b.Goes("/m/letter/reply").Fills("text", "Här är filmen.")
	b.act("pick a file", chromedp.SetUploadFiles(`[name=files]`, []string{path}, chromedp.ByQuery))
	b.act("send", chromedp.Click(`form[data-upload] button[type=submit]`, chromedp.ByQuery))
	if w.script {
		b.Becomes(`document.querySelector("[data-progress]:not([hidden]) [role=status]").innerText.includes("för stora")`)
		b.Look("reply-large")
		return
	}
	b.Becomes(`document.body.innerText.includes("för stort")`)
}

// lost is a file of which the disk has lost bytes.
func (w *walk) lost(dir string) {
	w.Send(letter{to: []string{"klara@example.se.0701234553.s"}, raw: outlook("http://127.0.0.1:9", bytes.Repeat([]byte("underlag"), 40_000))})
	b := w.tab().Opens(w.Await("email", "klara@example.se", 1), "+46701234553")
	file := "/m/letter/file/" + w.fileNumber(b, "beslut.pdf")
	err := filepath.WalkDir(filepath.Join(dir, "data", "blobs"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		return os.WriteFile(path, []byte("damaged"), 0o600)
	})
	if err != nil {
		w.Fatal(err)
	}
	b.ill = true
	b.Goes(file).Sees("Något gick fel hos oss").Look("error-internal")
	number := b.Eval(`document.querySelector(".mono").innerText`)
	if log := string(w.log.Bytes()); len(number) != 8 || !strings.Contains(log, "req="+number) {
		w.Errorf("the log does not know the number %q", number)
	}
}

// tooMany is somebody who presses more often than a hand can.
func (w *walk) tooMany() {
	b := w.tab().Goes("/m").Fills("code", "K7FQ-2QDM-9XWT-4HBN-T6RC")
	stop := make(chan struct{})
	var hands sync.WaitGroup
	busy := make(chan struct{})
	press := w.Browser()
	hands.Go(func() {
		seen := false
		for {
			select {
			case <-stop:
				return
			default:
			}
			r, err := press.c.Post(w.info.Portal+"/m/leave", "application/x-www-form-urlencoded", nil)
			if err != nil {
				w.Error(err)
				return
			}
			r.Body.Close()
			if r.StatusCode == http.StatusTooManyRequests && !seen {
				seen = true
				close(busy)
			}
		}
	})
	select {
	case <-busy:
	case <-time.After(20 * time.Second):
		w.Error("nobody is ever told to wait")
	}
	b.Sends("/m").Sees("Vänta en liten stund")
	close(stop)
	hands.Wait()
	b.Look("error-busy")
}
