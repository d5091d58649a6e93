package desk

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	"sigill/appliance/mail"
	"sigill/appliance/seal"
)

// Writing is a message that is being written: files are sealed as they arrive, piece
// by piece, so that one of gigabytes costs no memory and no clear byte waits on a
// disk. Either Send or Cancel ends it.
type Writing struct {
	s     *sealing
	files []mail.FileHead
	over  bool
	room  room // how much the guest may still send
	send  func(ctx context.Context, text string) (mail.ID, error)
}

// maxFiles bounds the files of one message, as the parts of a mail are bounded.
const maxFiles = 200

// Attach seals a file as it is read. Name and kind are the sender's word.
func (w *Writing) Attach(ctx context.Context, name, kind string, r io.Reader) error {
	if len(w.files) >= maxFiles {
		return mail.E(mail.TooLarge, "error.files", nil).Tell("Max", fmt.Sprint(maxFiles))
	}
	n := mail.PartFile + uint32(len(w.files))
	size, pieces, err := w.s.stream(ctx, n, r)
	if err != nil {
		return err
	}
	w.files = append(w.files, mail.FileHead{N: n, Name: name, Type: kind, Size: size, Pieces: pieces})
	w.s.sealed.Message.Size += size
	return w.room.takes(1, w.s.sealed.Message.Size)
}

// Send makes the message durable with its text.
func (w *Writing) Send(ctx context.Context, text string) (mail.ID, error) {
	if w.over {
		return mail.ID{}, errors.New("desk: sent already")
	}
	w.over = true
	return w.send(ctx, text)
}

// Cancel gives back what the message has taken, unless it was sent.
func (w *Writing) Cancel(ctx context.Context) {
	if !w.over {
		w.over = true
		w.s.undo(ctx)
	}
}

// stream seals one file of any length: in its row up to mail.InRow, else in blob
// files of at most mail.MaxPiece each.
func (s *sealing) stream(ctx context.Context, n uint32, r io.Reader) (size int64, pieces uint32, err error) {
	in := bufio.NewReaderSize(r, mail.InRow+1)
	first, err := in.Peek(mail.InRow + 1)
	if err == io.EOF {
		box, err := sealPart(seal.NewPart(s.cek, s.sealed.Message.ID, n, 0), first)
		if err != nil {
			return 0, 0, err
		}
		s.sealed.Parts = append(s.sealed.Parts, mail.Part{Message: s.sealed.Message.ID, N: n, Size: int64(len(first)), Box: box})
		return int64(len(first)), 1, nil
	}
	if err != nil {
		return 0, 0, err
	}
	for {
		if _, err := in.Peek(1); err == io.EOF {
			return size, pieces, nil
		} else if err != nil {
			return 0, 0, err
		}
		k, err := s.streamPiece(ctx, n, pieces, io.LimitReader(in, mail.MaxPiece))
		if err != nil {
			return 0, 0, err
		}
		size += k
		pieces++
	}
}

func (s *sealing) streamPiece(ctx context.Context, n, k uint32, r io.Reader) (int64, error) {
	p := mail.Part{Message: s.sealed.Message.ID, N: n, Piece: k, Blob: s.d.Store.NewBlobID()}
	s.blobs = append(s.blobs, p.Blob)
	_, err := s.d.Store.PutBlob(ctx, p.Blob, func(w io.Writer) error {
		e, err := seal.NewPart(s.cek, p.Message, n, k).Encrypt(w)
		if err != nil {
			return fmt.Errorf("seal a piece: %w", err)
		}
		if p.Size, err = io.Copy(e, r); err != nil {
			return err // the sender's: it was he who broke off
		}
		return e.Close()
	})
	s.sealed.Parts = append(s.sealed.Parts, p)
	return p.Size, err
}
