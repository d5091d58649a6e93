package desk

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"slices"

	"sigill/appliance/mail"
	"sigill/appliance/seal"
)

// What Append says of a piece that does not fit behind what is there.
var (
	ErrOffset    = errors.New("the piece begins elsewhere")
	ErrOtherFile = errors.New("what is there is of another file")
)

// Piece is what is sent next of a file.
type Piece struct {
	At     int64    // behind so many bytes
	Before [32]byte // Half.Sum over these
	Size   int64    // bytes
}

// fits reports why a piece does not go behind what is there; nil if it does.
func (p Piece) fits(h Half) error {
	switch {
	case h.Whole || p.At != h.Done:
		return mail.E(mail.Busy, "error.upload.elsewhere", ErrOffset)
	case p.Before != h.Sum:
		return mail.E(mail.Busy, "error.upload.other", ErrOtherFile)
	case p.Size > mail.MaxPiece || p.Size > h.Size-p.At:
		return mail.E(mail.TooLarge, "error.toolarge", errors.New("more than a piece"))
	case p.Size < 0 || p.Size == 0 && h.Size > 0 || p.Size != h.Size-p.At && p.Size%UploadUnit != 0:
		return mail.E(mail.Invalid, "error.form", errors.New("piece of an odd size"))
	}
	return nil
}

// Append puts a piece behind what is there of a file. When it returns nil that is durable, and
// if it was the last, the file is one of the draft's. An error with ErrOffset or ErrOtherFile
// comes with what is there. A piece that breaks off leaves nothing behind.
func (d *Desk) Append(ctx context.Context, r Reader, holder mail.ID, n uint32, p Piece, in io.Reader) (h Half, err error) {
	var x unsent
	err = d.Store.View(ctx, func(tx ReadTx) (err error) {
		if x, err = d.draft(tx, r, holder); err == nil {
			h, err = x.at(n)
		}
		return err
	})
	if err != nil {
		return h, err
	}
	if err := p.fits(h); err != nil {
		return h, err
	}
	s := &sealing{d: d, cek: x.cek, skm: x.skm}
	s.sealed.Message = x.m
	sum := sha256.New()
	sum.Write(h.Sum[:])
	if err = s.append(ctx, n, h.Pieces, p.Size, io.TeeReader(in, sum)); err == nil {
		err = d.Store.Update(ctx, func(tx Tx) (err error) {
			h, err = d.appended(tx, r, holder, h, p, [32]byte(sum.Sum(nil)), s.sealed.Parts[0])
			return err
		})
	}
	if err != nil {
		s.undo(ctx)
	}
	return h, err
}

// append seals a piece as it is read.
func (s *sealing) append(ctx context.Context, n, k uint32, size int64, in io.Reader) error {
	in = io.LimitReader(in, size)
	if size > mail.InRow {
		got, err := s.streamPiece(ctx, n, k, in)
		if err == nil && got != size {
			err = mail.E(mail.Invalid, "error.upload", io.ErrUnexpectedEOF)
		}
		return err
	}
	b := make([]byte, size)
	if _, err := io.ReadFull(in, b); err != nil {
		return mail.E(mail.Invalid, "error.upload", err)
	}
	box, err := sealPart(seal.NewPart(s.cek, s.sealed.Message.ID, n, k), b)
	s.sealed.Parts = append(s.sealed.Parts, mail.Part{Message: s.sealed.Message.ID, N: n, Piece: k, Size: size, Box: box})
	return err
}

// appended writes down that a piece is there, if it still fits: of two windows that send the
// same one, the second is told how far the first is. began is the file when the piece began
// to come: one that was taken out meanwhile may have left its number to another.
func (d *Desk) appended(tx Tx, r Reader, holder mail.ID, began Half, p Piece, sum [32]byte, part mail.Part) (Half, error) {
	x, u, err := d.unfinished(tx, r, holder)
	if err != nil {
		return Half{}, err
	}
	n := began.N
	h, err := x.at(n)
	if err != nil {
		return h, err
	}
	if !h.Whole && h.Key != began.Key {
		return Half{}, absent()
	}
	if err := p.fits(h); err != nil {
		return h, err
	}
	h.Done, h.Pieces, h.Sum = h.Done+p.Size, h.Pieces+1, sum
	if err := tx.PutPart(part); err != nil {
		return h, err
	}
	if h.Done < h.Size {
		return h, putHalf(tx, x, r.ID, &h)
	}
	h.Whole = true
	u.Files = append(u.Files, mail.FileHead{N: n, Name: h.Name, Type: h.Type, Size: h.Size, Pieces: h.Pieces})
	slices.SortFunc(u.Files, func(a, b mail.FileHead) int { return cmp.Compare(a.N, b.N) })
	if err := tx.DeleteUpload(x.m.ID, n); err != nil {
		return h, err
	}
	return h, reseal(tx, x, u)
}
