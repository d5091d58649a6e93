package admin

import (
	"bytes"
	"context"
	"io"
	"slices"
	"sync"

	"sigill/appliance/logo"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

const (
	mostDrawn   = 100 // pictures that are known again
	mostWaiters = 8   // who wait for their turn, each with a file of up to logo.MaxBytes
)

// drawing makes logos of pictures, one at a time: a large one takes 70 MB while it is
// decoded. It knows again what it has made, which a form hands on from the preview to the
// saving: a JPEG that is written anew loses a little each time. Of a picture it keeps no
// more than its hash, kind and size. The zero value is ready.
type drawing struct {
	one sync.Mutex // the picture that is being made

	mu      sync.Mutex
	waiting int
	made    []mail.Logo // without Data; the oldest first
}

// read makes a logo of a picture. The file has come before anybody's turn begins: who
// sends slowly keeps nobody waiting. The errors are logo.Read's, and Invalid if too many
// wait.
func (d *drawing) read(ctx context.Context, r io.Reader) (mail.Logo, error) {
	file, err := io.ReadAll(io.LimitReader(r, logo.MaxBytes+1))
	if err != nil {
		return mail.Logo{}, err
	}
	if l, ok := d.again(file); ok {
		return l, nil
	}
	if !d.queue() {
		return mail.Logo{}, mail.E(mail.Invalid, "error.logo.wait", nil)
	}
	d.one.Lock()
	defer d.one.Unlock()
	d.leave()
	if err := ctx.Err(); err != nil {
		return mail.Logo{}, err
	}
	l, err := logo.Read(bytes.NewReader(file), org.MaxLogo)
	if err == nil {
		d.keep(l.Named())
	}
	return l, err
}

// again returns the logo of a file that is one of ours.
func (d *drawing) again(file []byte) (mail.Logo, bool) {
	name := mail.Logo{Type: "image/png", Data: file}.Named().Name
	d.mu.Lock()
	defer d.mu.Unlock()
	i := slices.IndexFunc(d.made, func(l mail.Logo) bool { return l.Name == name })
	if i < 0 || len(file) == 0 {
		return mail.Logo{}, false
	}
	l := d.made[i]
	l.Data = file
	return l, true
}

func (d *drawing) keep(l mail.Logo) {
	d.mu.Lock()
	defer d.mu.Unlock()
	l.Data = nil
	if d.made = append(d.made, l); len(d.made) > mostDrawn {
		d.made = slices.Delete(d.made, 0, 1)
	}
}

func (d *drawing) queue() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.waiting == mostWaiters {
		return false
	}
	d.waiting++
	return true
}

func (d *drawing) leave() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.waiting--
}
