package desk

import (
	"context"
	"errors"
	"io"

	"sigill/appliance/mail"
	"sigill/appliance/seal"
)

// File is an open attachment or saved mail: clear bytes at random access, made from
// ciphertext as they are asked for. It is used by one goroutine at a time.
type File struct {
	Head    mail.FileHead
	content io.ReaderAt
	size    int64
	open    closers
}

// Size returns the clear bytes of the file.
func (f *File) Size() int64 { return f.size }

// ReadAt reads clear bytes.
func (f *File) ReadAt(b []byte, off int64) (int, error) { return f.content.ReadAt(b, off) }

// Close closes what is open of the file.
func (f *File) Close() error { return f.open.Close() }

// File opens attachment n of a message. The caller closes it.
func (d *Desk) File(ctx context.Context, r Reader, holder mail.ID, n uint32) (*File, error) {
	var f *File
	err := d.Store.View(ctx, func(tx ReadTx) error {
		l, cek, err := d.unlock(tx, r, holder)
		if err != nil {
			return err
		}
		head, err := readHead(tx, cek, l.m.ID)
		if err != nil {
			return err
		}
		for _, fh := range head.Files {
			if fh.N == n {
				f, err = d.openFile(tx, cek, l.m.ID, fh)
				return err
			}
		}
		return absent()
	})
	return f, err
}

// openFile opens all pieces that the head names. A piece too few, too many or of
// another size is damage, never a shorter file.
func (d *Desk) openFile(tx ReadTx, cek seal.Secret, m mail.ID, fh mail.FileHead) (*File, error) {
	var parts []mail.Part
	for k := range fh.Pieces {
		p, err := tx.Part(m, fh.N, k)
		if err != nil {
			return nil, mail.E(mail.Internal, "error.internal", errors.Join(errors.New("piece"), err))
		}
		parts = append(parts, p)
	}
	p, err := d.openPieces(cek, parts)
	if err != nil {
		return nil, err
	}
	if p.size != fh.Size {
		p.Close()
		return nil, mail.E(mail.Internal, "error.internal", errors.New("file of another size than its head says"))
	}
	return &File{Head: fh, content: p, size: p.size, open: closers{p}}, nil
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
