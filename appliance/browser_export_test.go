package appliance_test

import (
	"filippo.io/age"
)

// exports is a mailbox that its owner takes along, with a key that is made on the spot.
func (w *walk) exports() {
	b := w.tab().Signs(johanAt)
	b.Goes("/account").Presses(`a[href="/account/export"]`).Look("export")
	b.Fills("to", "anna@example.se").Sends("/account/export").Sees("ingen mottagarnyckel").Look("export-error")
	b.Sends("/account/export/key").Sees("Den visas bara den här gången").Look("export-key")
	key, err := age.ParseHybridIdentity(b.Eval(`document.querySelector(".key").textContent`))
	if err != nil {
		w.Fatal(err)
	}
	name, file := b.Downloads(`form[action="/account/export"] button`)
	files := unpack(w, file, key)
	if files["README.txt"] == "" || files["index.csv"] == "" || files["report.txt"] == "" {
		w.Errorf("%s: %d files", name, len(files))
	}
	b.Sees("Den visas bara den här gången") // the page stays while the file comes
}
