package desk

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"

	"golang.org/x/sync/errgroup"

	"sigill/appliance/mail"
	"sigill/appliance/seal"
)

// content seals a draft's head, text, raw mail and files. Files that were sealed
// while they arrived are named in the head only.
func (s *sealing) content(ctx context.Context, dr *mail.Draft, sealed ...mail.FileHead) error {
	head := mail.Head{
		Subject: dr.Subject, From: dr.From, FromName: dr.FromName, Raw: dr.Raw != nil,
		Faults: dr.Faults, MessageID: dr.MessageID, InReplyTo: dr.InReplyTo, Files: sealed,
	}
	for _, to := range dr.To {
		head.To = append(head.To, mail.Named{Name: to.Name, Address: to.Address})
	}
	body, err := json.Marshal(mail.Body{Text: dr.Text, HTML: dr.HTML})
	if err != nil {
		return fmt.Errorf("body: %w", err)
	}
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(4) // blobs sync in parallel; more would only wait for the same disk
	s.part(gctx, g, mail.PartBody, body)
	rest, spans := withoutFiles(dr)
	if dr.Raw != nil {
		s.part(gctx, g, mail.PartRaw, rest)
	}
	for i, f := range dr.Files {
		n := mail.PartFile + uint32(len(sealed)+i)
		pieces := s.part(gctx, g, n, f.Data)
		head.Files = append(head.Files, mail.FileHead{
			N: n, Name: f.Name, Type: f.Type, Size: int64(len(f.Data)), Pieces: pieces, ContentID: f.ContentID, Inline: f.Inline, Raw: spans[i],
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	s.sealed.Message.Size += dr.Size()
	return s.head(head)
}

// withoutFiles returns the mail as it came without the files that can be put back
// byte for byte, so that none is kept twice, and where each of them stood.
func withoutFiles(dr *mail.Draft) (rest []byte, spans []mail.Span) {
	rest, spans = dr.Raw, make([]mail.Span, len(dr.Files))
	var kept [][]byte
	used := int64(0)
	for i, f := range dr.Files {
		if f.Raw.Chars == 0 || f.Raw.At < used {
			continue
		}
		spans[i] = f.Raw
		kept = append(kept, dr.Raw[used:f.Raw.At])
		used = f.Raw.At + f.Raw.Len(len(f.Data))
	}
	if used == 0 {
		return rest, spans
	}
	return bytes.Join(append(kept, dr.Raw[used:]), nil), spans
}

func (s *sealing) head(h mail.Head) error {
	b, err := json.Marshal(h)
	if err != nil {
		return fmt.Errorf("head: %w", err)
	}
	s.sealed.Head = seal.Head(s.cek, s.sealed.Message.ID, b)
	return nil
}

// part seals one part: in its row up to mail.InRow, else as blob files of at most
// mail.MaxPiece each. It returns the number of pieces.
func (s *sealing) part(ctx context.Context, g *errgroup.Group, n uint32, plain []byte) uint32 {
	m, cek := s.sealed.Message.ID, s.cek
	size := int64(len(plain))
	row := mail.Part{Message: m, N: n, Size: size}
	if size <= mail.InRow {
		s.sealed.Parts = append(s.sealed.Parts, row)
		at := len(s.sealed.Parts) - 1
		box, err := sealPart(seal.NewPart(cek, m, n, 0), plain)
		if err != nil {
			g.Go(func() error { return err })
			return 1
		}
		s.sealed.Parts[at].Box = box
		return 1
	}
	var pieces uint32
	for len(plain) > 0 {
		piece := plain[:min(len(plain), mail.MaxPiece)]
		plain = plain[len(piece):]
		row.Piece, row.Size, row.Blob = pieces, int64(len(piece)), s.d.Store.NewBlobID()
		s.sealed.Parts = append(s.sealed.Parts, row)
		s.blobs = append(s.blobs, row.Blob)
		blob, key := row.Blob, seal.NewPart(cek, m, n, pieces)
		g.Go(func() error {
			_, err := s.d.Store.PutBlob(ctx, blob, func(w io.Writer) error { return encrypt(w, key, piece) })
			return err
		})
		pieces++
	}
	return pieces
}

func encrypt(w io.Writer, key seal.Part, plain []byte) error {
	e, err := key.Encrypt(w)
	if err != nil {
		return fmt.Errorf("seal a part: %w", err)
	}
	if _, err := e.Write(plain); err != nil {
		return fmt.Errorf("seal a part: %w", err)
	}
	if err := e.Close(); err != nil {
		return fmt.Errorf("seal a part: %w", err)
	}
	return nil
}

func sealPart(key seal.Part, plain []byte) (mail.Box, error) {
	var b bytes.Buffer
	b.Grow(len(plain) + 512)
	err := encrypt(&b, key, plain)
	return b.Bytes(), err
}
