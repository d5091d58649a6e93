package appliance_test

import (
	"os"
	"path/filepath"
	"testing"
)

// locked is the one page of an appliance that has not its key. It is another machine than the
// town's: that one is open.
func (w *walk) locked() {
	t, ok := w.TB.(*testing.T)
	if !ok {
		w.Fatal("no test")
	}
	k := newKeyless(t)
	s := k.opens(t)
	kit := pageTwo(t, string(readFile(t, s.kit[1])))
	k.mode(t, "passphrase", passphrase+"\n"+passphrase+"\n")
	s.end()
	h := k.locks(t)
	b := w.chrome.Tab(h.journey, w.script)
	b.Goes("/in").Sees("Säker post är stängd en stund").Look("locked")
	b.Goes("/").Fills("typed", "fel fras som är lång nog").Sends("/unlock").Sees("Det låste inte upp").Look("locked-wrong")
	h.end()
	if err := os.Rename(filepath.Join(k.f.Keys, "appliance.key.passphrase"), filepath.Join(k.f.Keys, "elsewhere")); err != nil {
		w.Fatal(err)
	}
	h = k.locks(t)
	b = w.chrome.Tab(h.journey, w.script)
	b.Goes("/").Sees("finns inte där den ska").Look("locked-nothing")
	b.Fills("typed", kit).Sends("/unlock").Sees("Det är upplåst").Look("locked-open")
	<-h.over
}
