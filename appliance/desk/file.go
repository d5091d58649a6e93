package desk

import (
	"bytes"
	"context"
	"errors"
	"io"
	"sort"

	"sigill/appliance/mail"
	"sigill/appliance/seal"
)

// File is an open attachment: clear bytes at random access, read from ciphertext
// as they are asked for.
type File struct {
	Head   mail.FileHead
	pieces []piece
	size   int64
}

// piece is one age file of an attachment.
type piece struct {
	from int64 // in clear bytes
	size int64
	r    io.ReaderAt
	c    io.Closer
}

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
	f, err := d.openPieces(cek, m, parts)
	if err != nil {
		return nil, err
	}
	if f.size != fh.Size {
		f.Close()
		return nil, mail.E(mail.Internal, "error.internal", errors.New("file of another size than its head says"))
	}
	f.Head = fh
	return f, nil
}

func (d *Desk) openPieces(cek seal.Secret, m mail.ID, parts []mail.Part) (*File, error) {
	f := &File{}
	for _, p := range parts {
		var src io.ReaderAt = bytes.NewReader(p.Box)
		size, closer := int64(len(p.Box)), io.Closer(nil)
		if !p.Blob.IsZero() {
			b, n, err := d.Store.OpenBlob(p.Blob)
			if err != nil {
				f.Close()
				return nil, err
			}
			src, size, closer = b, n, b
		}
		r, n, err := seal.NewPart(cek, m, p.N, p.Piece).DecryptAt(src, size)
		f.pieces = append(f.pieces, piece{from: f.size, size: n, r: r, c: closer})
		if err != nil || n != p.Size {
			f.Close()
			return nil, mail.E(mail.Internal, "error.internal", errors.Join(errors.New("part"), err))
		}
		f.size += n
	}
	return f, nil
}

// Size returns the clear bytes of the file.
func (f *File) Size() int64 { return f.size }

// ReadAt reads clear bytes across pieces.
func (f *File) ReadAt(b []byte, off int64) (int, error) {
	n := 0
	for n < len(b) {
		if off < 0 || off >= f.size {
			return n, io.EOF
		}
		i := sort.Search(len(f.pieces), func(i int) bool { return f.pieces[i].from+f.pieces[i].size > off })
		p := f.pieces[i]
		want := min(int64(len(b)-n), p.from+p.size-off)
		k, err := p.r.ReadAt(b[n:n+int(want)], off-p.from)
		n, off = n+k, off+int64(k)
		if int64(k) < want {
			// The piece says that it has these bytes: an early end is damage.
			return n, mail.E(mail.Internal, "error.internal", errors.Join(errors.New("short piece"), err))
		}
	}
	return n, nil
}

// Close closes the pieces' files.
func (f *File) Close() error {
	var errs []error
	for _, p := range f.pieces {
		if p.c != nil {
			errs = append(errs, p.c.Close())
		}
	}
	f.pieces = nil
	return errors.Join(errs...)
}
