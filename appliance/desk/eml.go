package desk

import (
	"bytes"
	"context"
	"errors"
	"io"

	"sigill/appliance/mail"
	"sigill/appliance/records"
	"sigill/appliance/seal"
)

// maxHeader is how much of a raw mail is looked at for its header; intake takes no
// longer one.
const maxHeader = 128 << 10

// EML opens a message as a mail to be saved. The house's own copy is the mail as it
// came; a reader's has nothing in it that was meant for us alone. What was written in
// the portal is put together as it is read. The caller closes it.
func (d *Desk) EML(ctx context.Context, r Reader, holder mail.ID) (*File, error) {
	o, err := d.opened(ctx, r, holder)
	if err != nil {
		return nil, err
	}
	var f *File
	err = d.Store.View(ctx, func(tx ReadTx) error {
		l, cek, err := d.unlock(tx, r, holder)
		if err != nil {
			return err
		}
		if o.Head.Raw && (l.h.House || d.Faithful != nil) {
			f, err = d.rawFile(tx, cek, l)
			return err
		}
		if !l.h.House {
			// A letter to several is one letter to each: none learns who the others are from
			// what we put together.
			cols, err := d.columns(l)
			if err != nil {
				return err
			}
			o.Head.To = []mail.Named{{Name: cols.Name, Address: cols.Address}}
		}
		f, err = d.written(tx, cek, o)
		return err
	})
	return f, err
}

func (d *Desk) rawFile(tx ReadTx, cek seal.Secret, l loaded) (*File, error) {
	raw, err := pieces(tx, l.m.ID, mail.PartRaw)
	if err != nil {
		return nil, err
	}
	f, err := d.openPieces(cek, l.m.ID, raw)
	if err != nil || l.h.House {
		return f, err
	}
	return d.cleaned(f)
}

// cleaned puts a header without our tags, numbers and fields before the body of a raw
// mail.
func (d *Desk) cleaned(f *File) (*File, error) {
	head := make([]byte, min(f.size, maxHeader))
	if _, err := f.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		f.Close()
		return nil, err
	}
	end := bytes.Index(head, []byte("\r\n\r\n"))
	if end < 0 {
		f.Close()
		return nil, mail.E(mail.Internal, "error.internal", errors.New("raw mail without a header"))
	}
	clean := d.Faithful(head[:end+4])
	rest := io.NewSectionReader(f, int64(end+4), f.size-int64(end+4))
	return &File{size: int64(len(clean)) + rest.Size(), pieces: []piece{
		{from: 0, size: int64(len(clean)), r: bytes.NewReader(clean)},
		{from: int64(len(clean)), size: rest.Size(), r: rest, c: f},
	}}, nil
}

// written puts a mail together from its parts.
func (d *Desk) written(tx ReadTx, cek seal.Secret, o *mail.Opened) (*File, error) {
	m := records.Mail{ID: o.Message.ID.String() + "@sigill.invalid", At: o.Message.At, Head: o.Head, Body: o.Body}
	var open closers
	for _, fh := range o.Head.Files {
		f, err := d.openFile(tx, cek, o.Message.ID, fh)
		if err != nil {
			open.Close()
			return nil, err
		}
		open = append(open, f)
		m.Files = append(m.Files, records.Attachment{Head: fh, Content: f})
	}
	r, size := records.EML(m)
	return &File{size: size, pieces: []piece{{size: size, r: r, c: open}}}, nil
}

type closers []io.Closer

// Close closes all.
func (c closers) Close() error {
	var errs []error
	for _, x := range c {
		errs = append(errs, x.Close())
	}
	return errors.Join(errs...)
}
