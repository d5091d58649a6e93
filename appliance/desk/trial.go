package desk

import (
	"context"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/seal"
)

// trialFor is how long a letter for trial lives if nobody ends it: the process was killed.
const trialFor = 24 * time.Hour

// PutTrial keeps a letter that the appliance has made for itself, with a file of some size, so
// that a backup which has it can be tried: it has every part that a letter has, and its key is
// locked for the server, as one in transit. No person has it, and nobody is told. It returns
// its holder.
func (d *Desk) PutTrial(ctx context.Context, content []byte) (mail.ID, error) {
	now := d.Clock.Now()
	s, err := d.newSealing(mail.In, mail.ID{}, mail.ID{}, now, 1, 0)
	if err != nil {
		return mail.ID{}, err
	}
	h, err := s.trial(ctx, content, now)
	if err != nil {
		s.undo(ctx)
		return mail.ID{}, err
	}
	return h, s.store(ctx, nil)
}

func (s *sealing) trial(ctx context.Context, content []byte, now time.Time) (mail.ID, error) {
	if err := s.envelope(mail.Envelope{}); err != nil {
		return mail.ID{}, err
	}
	h, err := s.holder(mail.HolderTransit, mail.ID{}, mail.Columns{})
	if err != nil {
		return mail.ID{}, err
	}
	h.OpenBy = now.Add(trialFor)
	s.keep(h)
	s.wrap(h, seal.ByTransit, mail.ID{}, s.lock(h, seal.ByTransit, mail.ID{}, s.d.App.Transit()).Wrap(s.cek))
	return h.ID, s.content(ctx, &mail.Draft{Subject: "trial", Text: "trial", Files: []mail.File{{Name: "trial", Data: content}}})
}

// OpenTrial opens what PutTrial kept. No other letter opens so: none is locked for the server.
func (d *Desk) OpenTrial(ctx context.Context, holder mail.ID) (content []byte, err error) {
	err = d.Store.View(ctx, func(tx ReadTx) error {
		l, err := d.load(tx, holder)
		if err != nil {
			return err
		}
		if l.h.Kind != mail.HolderTransit {
			return absent()
		}
		wraps, err := tx.Wraps(holder)
		if err != nil {
			return err
		}
		if len(wraps) != 1 {
			return absent()
		}
		lock := seal.Lock{Kind: seal.ByTransit, Message: l.m.ID, Holder: l.h.ID, Ref: wraps[0].Ref, Inner: d.App.Transit(), SKm: l.skm, SKh: l.skh}
		cek, err := lock.Unwrap(wraps[0].Box)
		if err != nil {
			return err
		}
		if _, err := readHead(tx, cek, l.m.ID); err != nil {
			return err
		}
		content, err = d.small(tx, cek, l.m.ID, mail.PartFile)
		return err
	})
	return content, err
}

// EndTrial ends what PutTrial kept, and erases it.
func (d *Desk) EndTrial(ctx context.Context, holder mail.ID) error {
	err := d.Store.Update(ctx, func(tx Tx) error {
		h, err := tx.Holder(holder)
		if err != nil {
			return err
		}
		return d.end(tx, h, mail.EndDone, mail.SystemActor("backup"))
	})
	if err != nil {
		return err
	}
	_, err = d.Purge(ctx)
	return err
}
