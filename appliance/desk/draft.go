package desk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"sigill/appliance/mail"
	"sigill/appliance/seal"
)

// Unfinished is a draft, opened for who writes it.
type Unfinished struct {
	Holder mail.ID
	Form   mail.Form
	Files  []mail.FileHead
	// State stands for all of it as it lies there, the files, too: whoever looked at it before
	// it goes out can say what they saw.
	State  string
	Halves []Half // files that are on their way into it
}

// ErrOtherWindow is wrapped by what SaveDraft and SendDraft say when a draft is not as it was last seen.
var ErrOtherWindow = errors.New("draft changed meanwhile")

// Version stands for what is filled in. Two windows with the same draft tell by it whether
// the other has saved something else.
func Version(f mail.Form) string {
	b, err := json.Marshal(f)
	if err != nil {
		return "" // of strings and booleans there is always JSON
	}
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:16])
}

// size is how many clear bytes the letter will have.
func (u *Unfinished) size() int64 {
	n := int64(len(u.Form.Text))
	for _, f := range u.Files {
		n += f.Size
	}
	return n
}

// Write begins a draft in r's own mailbox or a function mailbox of his: a message that
// only its owner holds, sealed like any other from its first word on. It returns the
// holder by which the draft is reached.
func (d *Desk) Write(ctx context.Context, r Reader, mailbox mail.ID, form mail.Form) (mail.ID, error) {
	mailbox, err := r.mailbox(mailbox)
	if err != nil {
		return mail.ID{}, err
	}
	return d.begin(ctx, r, mailbox, mail.ID{}, form)
}

// WriteBack begins a draft that answers a letter of r's: in the mailbox in which that lies,
// and in its conversation, so that colleagues and whoever has taken it find both in one place.
func (d *Desk) WriteBack(ctx context.Context, r Reader, holder mail.ID, form mail.Form) (mail.ID, error) {
	var l loaded
	err := d.Store.View(ctx, func(tx ReadTx) (err error) {
		l, _, err = d.unlock(tx, r, holder)
		return err
	})
	if err != nil {
		return mail.ID{}, err
	}
	mailbox, err := r.mailbox(l.h.Owner)
	if err != nil {
		return mail.ID{}, err
	}
	return d.begin(ctx, r, mailbox, l.m.Thread, form)
}

func (d *Desk) begin(ctx context.Context, r Reader, mailbox, thread mail.ID, form mail.Form) (mail.ID, error) {
	if !d.Directory.MayWrite(r.ID) {
		return mail.ID{}, mail.E(mail.Invalid, "error.write.over", nil)
	}
	owner, err := d.Directory.Owner(ctx, mailbox)
	if err != nil {
		return mail.ID{}, err
	}
	s, err := d.newSealing(mail.Out, owner.ID, thread, d.Clock.Now(), 1, 0)
	if err != nil {
		return mail.ID{}, err
	}
	id, err := s.unfinished(owner, form)
	if err != nil {
		s.undo(ctx)
		return mail.ID{}, err
	}
	return id, s.store(ctx, nil)
}

func (s *sealing) unfinished(p mail.Resident, form mail.Form) (mail.ID, error) {
	s.sealed.Message.State, s.sealed.Message.Size = mail.Unsent, int64(len(form.Text))
	if err := s.envelope(mail.Envelope{Sender: p.Address, SenderName: p.Name}); err != nil {
		return mail.ID{}, err
	}
	h, err := s.holder(mail.HolderPerson, p.ID, mail.Columns{Address: p.Address, Name: p.Name})
	if err != nil {
		return mail.ID{}, err
	}
	h.House, h.Folder, h.Opened, h.Seen = true, mail.Drafts, s.sealed.Message.At, s.sealed.Message.At
	s.keep(h)
	if err := s.wrapFor(h, p); err != nil {
		return mail.ID{}, err
	}
	parts, head, err := formParts(s.cek, s.sealed.Message.ID, p.Profile, form, nil)
	s.sealed.Parts, s.sealed.Head = parts, head
	return h.ID, err
}

// formParts seals what a draft's list and its form show.
func formParts(cek seal.Secret, m mail.ID, profile mail.Profile, form mail.Form, files []mail.FileHead) ([]mail.Part, mail.Box, error) {
	var parts []mail.Part
	for _, c := range []struct {
		n uint32
		v any
	}{{mail.PartBody, mail.Body{Text: form.Text}}, {mail.PartForm, form}} {
		b, err := json.Marshal(c.v)
		if err != nil {
			return nil, nil, fmt.Errorf("draft: %w", err)
		}
		if int64(len(b)) > maxForm {
			return nil, nil, mail.E(mail.TooLarge, "error.toolarge", nil)
		}
		box, err := sealPart(seal.NewPart(cek, m, c.n, 0), b)
		if err != nil {
			return nil, nil, err
		}
		parts = append(parts, mail.Part{Message: m, N: c.n, Size: int64(len(b)), Box: box})
	}
	head := mail.Head{Subject: form.Subject, From: profile.Address, FromName: profile.Name, Files: files}
	for _, to := range form.To {
		head.To = append(head.To, mail.Named{Address: mail.Address(to.Address)})
	}
	b, err := json.Marshal(head)
	if err != nil {
		return nil, nil, fmt.Errorf("draft: %w", err)
	}
	return parts, seal.Head(cek, m, b), nil
}

// maxForm bounds the text of a letter that is written in the portal, in bytes.
const maxForm = 2 << 20

// unsent is a draft that is loaded, with its content key and its head.
type unsent struct {
	loaded
	cek  seal.Secret
	box  mail.Box // the head as it is sealed: anew at each save
	head mail.Head
	half []mail.Upload
}

// state stands for a draft as it lies there. Whatever changes it seals its head anew.
func (x unsent) state() string {
	h := sha256.Sum256(x.box)
	return hex.EncodeToString(h[:16])
}

// errChanged says that a draft is not as it was last seen.
func errChanged() error { return mail.E(mail.Busy, "error.draft.changed", ErrOtherWindow) }

// draft loads an unsent message of r's.
func (d *Desk) draft(tx ReadTx, r Reader, holder mail.ID) (x unsent, err error) {
	if x.loaded, x.cek, err = d.unlock(tx, r, holder); err != nil {
		return x, err
	}
	if x.m.State != mail.Unsent || !r.owns(x.m.Owner) || !x.h.House {
		return x, absent()
	}
	if x.box, err = tx.Head(x.m.ID); err != nil {
		return x, err
	}
	if x.head, err = openHead(x.cek, x.m.ID, x.box); err != nil {
		return x, err
	}
	x.half, err = tx.Uploads(x.m.ID)
	return x, err
}

// unfinished is a draft with its form.
func (d *Desk) unfinished(tx ReadTx, r Reader, holder mail.ID) (x unsent, u Unfinished, err error) {
	if x, err = d.draft(tx, r, holder); err != nil {
		return x, u, err
	}
	u = Unfinished{Holder: holder, Files: x.head.Files, State: x.state()}
	for _, up := range x.half {
		h, err := openHalf(x.cek, up)
		if err != nil {
			return x, u, err
		}
		u.Halves = append(u.Halves, h)
	}
	b, err := d.small(tx, x.cek, x.m.ID, mail.PartForm)
	if err == nil {
		err = json.Unmarshal(b, &u.Form)
	}
	return x, u, err
}

// Draft opens a draft of r's.
func (d *Desk) Draft(ctx context.Context, r Reader, holder mail.ID) (u Unfinished, err error) {
	err = d.Store.View(ctx, func(tx ReadTx) error {
		_, u, err = d.unfinished(tx, r, holder)
		return err
	})
	return u, err
}

// SaveDraft keeps what is filled in. The files stay. seen is the Version over which it was
// written; if the draft is another by now, nothing is kept, and the error is Busy with
// ErrOtherWindow. "" is over whatever stands there.
func (d *Desk) SaveDraft(ctx context.Context, r Reader, holder mail.ID, form mail.Form, seen string) error {
	err := d.changeDraft(ctx, r, holder, func(_ Tx, _ loaded, u *Unfinished) ([]mail.ID, error) {
		switch is := Version(u.Form); {
		case is == Version(form):
			return nil, errSame
		case seen != "" && seen != is:
			return nil, errChanged()
		}
		u.Form = form
		return nil, nil
	})
	if errors.Is(err, errSame) {
		return nil
	}
	return err
}

// errSame says that a draft is already as it is to be.
var errSame = errors.New("draft as it is")

// changeDraft reads a draft, changes it and seals it anew, in one transaction. The
// blobs that change returns are erased afterwards.
func (d *Desk) changeDraft(ctx context.Context, r Reader, holder mail.ID, change func(tx Tx, l loaded, u *Unfinished) ([]mail.ID, error)) error {
	var dead []mail.ID
	err := d.Store.Update(ctx, func(tx Tx) error {
		x, u, err := d.unfinished(tx, r, holder)
		if err != nil {
			return err
		}
		if dead, err = change(tx, x.loaded, &u); err != nil {
			return err
		}
		return reseal(tx, x, u)
	})
	if err != nil {
		return err
	}
	for _, b := range dead {
		if err := d.Store.EraseBlob(ctx, b); err != nil {
			return err
		}
	}
	return nil
}

// reseal writes a draft as it is now.
func reseal(tx Tx, x unsent, u Unfinished) error {
	x.m.Size = u.size()
	profile := mail.Profile{Address: x.head.From, Name: x.head.FromName}
	parts, box, err := formParts(x.cek, x.m.ID, profile, u.Form, u.Files)
	if err != nil {
		return err
	}
	return saveForm(tx, x.loaded, parts, box)
}

func saveForm(tx Tx, l loaded, parts []mail.Part, head mail.Box) error {
	for _, p := range parts {
		if _, err := tx.DeletePart(p.Message, p.N); err != nil {
			return err
		}
		if err := tx.PutPart(p); err != nil {
			return err
		}
	}
	l.m.At = tx.Now() // a list of drafts has the last one touched first
	if err := tx.SaveMessage(l.m); err != nil {
		return err
	}
	return tx.SaveHead(l.m.ID, head)
}

// AttachDraft seals a file into a draft as it is read, piece by piece: it may have
// gigabytes. A file that breaks off leaves nothing behind.
func (d *Desk) AttachDraft(ctx context.Context, r Reader, holder mail.ID, name, kind string, in io.Reader) error {
	var x unsent
	err := d.Store.View(ctx, func(tx ReadTx) (err error) {
		x, err = d.draft(tx, r, holder)
		return err
	})
	if err != nil {
		return err
	}
	if err := x.another(); err != nil {
		return err
	}
	s := &sealing{d: d, cek: x.cek, skm: x.skm}
	s.sealed.Message = x.m
	n := nextFile(x.head.Files, x.half)
	size, pieces, err := s.stream(ctx, n, in)
	if err != nil {
		s.undo(ctx)
		return err
	}
	err = d.changeDraft(ctx, r, holder, func(tx Tx, l loaded, u *Unfinished) ([]mail.ID, error) {
		half, err := tx.Uploads(l.m.ID)
		if err != nil {
			return nil, err
		}
		if nextFile(u.Files, half) != n {
			return nil, mail.E(mail.Busy, "error.busy", nil) // another upload into the same draft was quicker
		}
		u.Files = append(u.Files, mail.FileHead{N: n, Name: name, Type: kind, Size: size, Pieces: pieces})
		for _, p := range s.sealed.Parts {
			if err := tx.PutPart(p); err != nil {
				return nil, err
			}
		}
		return nil, nil
	})
	if err != nil {
		s.undo(ctx)
	}
	return err
}

// another refuses one file more than a letter may have.
func (x *unsent) another() error {
	if len(x.head.Files)+len(x.half) >= maxFiles {
		return mail.E(mail.TooLarge, "error.files", nil).Tell("Max", fmt.Sprint(maxFiles))
	}
	return nil
}

// nextFile returns the number of the next part. Numbers of files that were taken out
// are not used again while a later one is there.
func nextFile(files []mail.FileHead, half []mail.Upload) uint32 {
	n := uint32(mail.PartFile)
	for _, f := range files {
		n = max(n, f.N+1)
	}
	for _, up := range half {
		n = max(n, up.N+1)
	}
	return n
}

// DetachDraft takes a file out of a draft and overwrites it, also one that is on its way.
func (d *Desk) DetachDraft(ctx context.Context, r Reader, holder mail.ID, n uint32) error {
	return d.changeDraft(ctx, r, holder, func(tx Tx, l loaded, u *Unfinished) ([]mail.ID, error) {
		for i, f := range u.Files {
			if f.N == n {
				u.Files = append(u.Files[:i:i], u.Files[i+1:]...)
				return tx.DeletePart(l.m.ID, n)
			}
		}
		if err := tx.DeleteUpload(l.m.ID, n); err != nil {
			return nil, err
		}
		return tx.DeletePart(l.m.ID, n)
	})
}
