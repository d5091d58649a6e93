package desk

import (
	"bytes"
	"errors"
	"io"
	"sort"

	"sigill/appliance/mail"
	"sigill/appliance/seal"
)

// pieces is a part read from its ciphertext as it is asked for. One piece is open at a
// time, so that a file of gigabytes takes no more memory and descriptors than a small
// one. It is used by one goroutine at a time.
type pieces struct {
	store  Store
	cek    seal.Secret
	parts  []mail.Part
	starts []int64 // of each piece, in clear bytes
	size   int64
	now    int // the piece that is open
	r      io.ReaderAt
	c      io.Closer
}

// openPieces looks at each piece once, so that damage shows before the first byte.
func (d *Desk) openPieces(cek seal.Secret, parts []mail.Part) (*pieces, error) {
	f := &pieces{store: d.Store, cek: cek, parts: parts}
	for i, p := range parts {
		f.starts = append(f.starts, f.size)
		f.size += p.Size
		if err := f.open(i); err != nil {
			f.Close()
			return nil, err
		}
	}
	return f, nil
}

// open opens a piece, if it is not the one that is open.
func (f *pieces) open(i int) error {
	if f.r != nil && f.now == i {
		return nil
	}
	if err := f.Close(); err != nil {
		return err
	}
	p := f.parts[i]
	var src io.ReaderAt = bytes.NewReader(p.Box)
	size := int64(len(p.Box))
	if !p.Blob.IsZero() {
		b, n, err := f.store.OpenBlob(p.Blob)
		if mail.KindOf(err) == mail.Absent { // a row names it: that is a loss, and no wrong address
			err = mail.E(mail.Internal, "error.internal", errors.Join(errors.New("blob is lost"), err))
		}
		if err != nil {
			return err
		}
		src, size, f.c = b, n, b
	}
	r, n, err := seal.NewPart(f.cek, p.Message, p.N, p.Piece).DecryptAt(src, size)
	if err != nil || n != p.Size {
		return mail.E(mail.Internal, "error.internal", errors.Join(errors.New("part"), err))
	}
	f.now, f.r = i, r
	return nil
}

// ReadAt reads clear bytes across pieces.
func (f *pieces) ReadAt(b []byte, off int64) (int, error) {
	n := 0
	for n < len(b) {
		if off < 0 || off >= f.size {
			return n, io.EOF
		}
		i := sort.Search(len(f.parts), func(i int) bool { return f.starts[i]+f.parts[i].Size > off })
		if err := f.open(i); err != nil {
			return n, err
		}
		at := off - f.starts[i]
		want := min(int64(len(b)-n), f.parts[i].Size-at)
		k, err := f.r.ReadAt(b[n:n+int(want)], at)
		n, off = n+k, off+int64(k)
		if int64(k) < want {
			// The piece says that it has these bytes: an early end is damage.
			return n, mail.E(mail.Internal, "error.internal", errors.Join(errors.New("short piece"), err))
		}
	}
	return n, nil
}

// Close closes what is open.
func (f *pieces) Close() error {
	c := f.c
	f.r, f.c = nil, nil
	if c == nil {
		return nil
	}
	return c.Close()
}
