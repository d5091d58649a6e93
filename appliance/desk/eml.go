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
	_, f, err := d.eml(ctx, r, holder)
	return f, err
}

// eml is EML, with the message.
func (d *Desk) eml(ctx context.Context, r Reader, holder mail.ID) (*mail.Opened, *File, error) {
	o, err := d.opened(ctx, r, holder)
	if err != nil {
		return nil, nil, err
	}
	var f *File
	err = d.Store.View(ctx, func(tx ReadTx) error {
		l, cek, err := d.unlock(tx, r, holder)
		if err != nil {
			return err
		}
		if o.Head.Raw && (l.h.House || d.Faithful != nil) {
			f, err = d.came(tx, cek, o)
			if err == nil && !l.h.House {
				f, err = d.cleaned(f)
			}
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
	return o, f, err
}

// came opens the mail as it came: its raw part, with the files that were cut out of it
// put back where they stood.
func (d *Desk) came(tx ReadTx, cek seal.Secret, o *mail.Opened) (_ *File, err error) {
	f := &File{}
	defer func() {
		if err != nil {
			f.Close()
		}
	}()
	parts, err := wholePart(tx, o.Message.ID, mail.PartRaw)
	if err != nil {
		return nil, err
	}
	raw, err := d.openPieces(cek, parts)
	if err != nil {
		return nil, err
	}
	f.open = closers{raw}
	var s records.Sections
	used := int64(0) // of raw
	for _, fh := range o.Head.Files {
		if fh.Raw == (mail.Span{}) {
			continue
		}
		between := fh.Raw.At - s.Size()
		if between < 0 || between > raw.size-used || fh.Raw.Chars < 4 || fh.Raw.Chars%4 != 0 {
			return nil, mail.E(mail.Internal, "error.internal", errors.New("a file stands nowhere in its mail"))
		}
		file, err := d.openFile(tx, cek, o.Message.ID, fh)
		if err != nil {
			return nil, err
		}
		f.open = append(f.open, file)
		s.Add(io.NewSectionReader(raw, used, between), between)
		s.Base64(file, file.size, fh.Raw.Chars)
		used += between
	}
	s.Add(io.NewSectionReader(raw, used, raw.size-used), raw.size-used)
	f.content, f.size = &s, s.Size()
	return f, nil
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
	end += 4
	var s records.Sections
	s.Bytes(d.Faithful(head[:end]))
	s.Add(io.NewSectionReader(f, int64(end), f.size-int64(end)), f.size-int64(end))
	return &File{content: &s, size: s.Size(), open: f.open}, nil
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
	return &File{content: r, size: size, open: open}, nil
}
