package desk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/seal"
)

// A file may come in pieces, each of which is sealed, and durable, before it is answered: what
// was answered need never be sent again, whatever breaks. Every piece but the last has a whole
// number of UploadUnits, so that nobody makes a row of every byte.
const (
	UploadUnit = 1 << 20        // clear bytes
	MaxUpload  = 4_000_000_000  // clear bytes of one such file, and of all files of its draft
	MaxUploads = 50             // under way at once, of one person in all drafts
	UploadLife = 24 * time.Hour // without a piece; then what is there is overwritten
)

// Half is a file on its way into a draft, opened for who writes that.
type Half struct {
	mail.Half
	N     uint32
	Size  int64     // clear bytes of the whole
	Whole bool      // all of it is there: it is one of the draft's files
	Until time.Time // when it is overwritten if nothing more comes
}

// NewUpload is a file that is to come in pieces. Name and type are the sender's word; by Key
// he knows it again, if the answer was lost.
type NewUpload struct {
	Key, Name, Type string
	Size            int64
}

// BeginUpload begins a file of a draft. Begun again with the same key it is the same one.
func (d *Desk) BeginUpload(ctx context.Context, r Reader, holder mail.ID, f NewUpload) (h Half, err error) {
	if f.Size < 0 || f.Size > MaxUpload {
		return h, tooMuch()
	}
	err = d.Store.Update(ctx, func(tx Tx) error {
		x, err := d.draft(tx, r, holder)
		if err != nil {
			return err
		}
		total := f.Size
		for _, up := range x.half {
			if h, err = openHalf(x.cek, up); err != nil || h.Key == f.Key {
				return err
			}
			total += up.Size
		}
		for _, have := range x.head.Files {
			total += have.Size
		}
		if total > MaxUpload {
			return tooMuch()
		}
		if err := errors.Join(x.another(), mayBegin(tx, r.ID)); err != nil {
			return err
		}
		h = Half{Half: mail.Half{Key: f.Key, Name: f.Name, Type: f.Type}, N: nextFile(x.head.Files, x.half), Size: f.Size}
		return putHalf(tx, x, r.ID, &h)
	})
	return h, err
}

func tooMuch() error {
	return mail.E(mail.TooLarge, "error.upload.large", nil)
}

func mayBegin(tx ReadTx, person mail.ID) error {
	n, err := tx.CountUploads(person)
	if err == nil && n >= MaxUploads {
		err = mail.E(mail.TooLarge, "error.upload.many", nil).Tell("Max", fmt.Sprint(MaxUploads))
	}
	return err
}

// Upload returns a file that comes in pieces, also when all of it is there.
func (d *Desk) Upload(ctx context.Context, r Reader, holder mail.ID, n uint32) (h Half, pieces []int64, err error) {
	err = d.Store.View(ctx, func(tx ReadTx) error {
		x, err := d.draft(tx, r, holder)
		if err != nil {
			return err
		}
		if h, err = x.at(n); err != nil {
			return err
		}
		parts, err := tx.Parts(x.m.ID)
		for _, p := range parts {
			if p.N == n {
				pieces = append(pieces, p.Size)
			}
		}
		return err
	})
	return h, pieces, err
}

// at returns a file that comes in pieces by its number; Absent if there is none.
func (x *unsent) at(n uint32) (Half, error) {
	for _, up := range x.half {
		if up.N == n {
			return openHalf(x.cek, up)
		}
	}
	for _, f := range x.head.Files {
		if f.N == n {
			return Half{N: n, Size: f.Size, Whole: true, Half: mail.Half{Name: f.Name, Type: f.Type, Done: f.Size, Pieces: f.Pieces}}, nil
		}
	}
	return Half{}, absent()
}

// whole refuses a letter of which a file is only half there: its writer believes that it is in it.
func (x *unsent) whole() error {
	if len(x.half) > 0 {
		return mail.E(mail.Invalid, "error.upload.half", nil)
	}
	return nil
}

// putHalf seals what is there of a file.
func putHalf(tx Tx, x unsent, person mail.ID, h *Half) error {
	b, err := json.Marshal(h.Half)
	if err != nil {
		return fmt.Errorf("half a file: %w", err)
	}
	box, err := sealPart(seal.NewPart(x.cek, x.m.ID, h.N, mail.HalfPiece), b)
	if err != nil {
		return err
	}
	h.Until = tx.Now().Add(UploadLife)
	return tx.PutUpload(mail.Upload{Message: x.m.ID, N: h.N, Person: person, Size: h.Size, Box: box, At: tx.Now()})
}

func openHalf(cek seal.Secret, up mail.Upload) (Half, error) {
	h := Half{N: up.N, Size: up.Size, Until: up.At.Add(UploadLife)}
	r, err := seal.NewPart(cek, up.Message, up.N, mail.HalfPiece).Decrypt(bytes.NewReader(up.Box))
	var b []byte
	if err == nil {
		b, err = io.ReadAll(r)
	}
	if err == nil {
		err = json.Unmarshal(b, &h.Half)
	}
	if err != nil {
		return h, mail.E(mail.Internal, "error.internal", errors.Join(errors.New("half a file"), err))
	}
	return h, nil
}

// SweepUploads overwrites what is there of files of which nothing more has come for
// UploadLife, and returns how many they were.
func (d *Desk) SweepUploads(ctx context.Context) (int, error) {
	n, err := purgeBatch, error(nil)
	total := 0
	for err == nil && n == purgeBatch {
		n, err = d.sweepUploads(ctx)
		total += n
	}
	return total, err
}

func (d *Desk) sweepUploads(ctx context.Context) (n int, err error) {
	var dead []mail.ID
	err = d.Store.Update(ctx, func(tx Tx) error {
		list, err := tx.UploadsBefore(tx.Now().Add(-UploadLife), purgeBatch)
		if err != nil {
			return err
		}
		n = len(list)
		for _, up := range list {
			blobs, err := tx.DeletePart(up.Message, up.N)
			if err != nil {
				return err
			}
			dead = append(dead, blobs...)
			if err := tx.DeleteUpload(up.Message, up.N); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return n, d.eraseBlobs(ctx, dead)
}
