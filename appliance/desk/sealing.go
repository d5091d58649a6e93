package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/outbox"
	"sigill/appliance/seal"
)

// sealing is a message on its way from mail.Draft to mail.Sealed: the keys that
// exist only now, and what must be undone if it comes to nothing.
type sealing struct {
	d        *Desk
	sealed   mail.Sealed
	outbox   []mail.Outgoing
	contacts []mail.Columns // numbers that were given or confirmed
	events   []mail.Event
	cek, skm seal.Secret
	shred    []mail.Slot // reserved, not used yet
	link     []mail.Slot
	reserved []mail.Slot
	blobs    []mail.ID
}

// newSealing reserves slots and begins a message of owner's. The message has SK_m;
// each holder and each code takes one more of shred, each notice one of link.
func (d *Desk) newSealing(way mail.Way, owner, thread mail.ID, now time.Time, shred, link int) (*sealing, error) {
	if err := d.sure(); err != nil {
		return nil, err
	}
	s := &sealing{d: d, cek: seal.NewSecret(), skm: seal.NewSecret()}
	if err := s.reserve(shred+1, link); err != nil {
		s.undo(context.Background())
		return nil, err
	}
	m := mail.Message{ID: mail.NewIDAt(now), Thread: thread, Way: way, State: mail.Active, Owner: owner, At: now}
	if thread.IsZero() {
		m.Thread = mail.NewIDAt(now)
	}
	m.Slot = s.put(s.skm)
	s.sealed.Message = m
	return s, nil
}

// sure refuses what would have a wrong last day, because the clock stands days behind.
func (d *Desk) sure() error {
	if d.Sure == nil {
		return nil
	}
	return d.Sure()
}

func (s *sealing) reserve(shred, link int) error {
	for _, r := range []struct {
		file mail.SlotFile
		n    int
		into *[]mail.Slot
	}{{mail.Shred, shred, &s.shred}, {mail.Link, link, &s.link}} {
		if r.n == 0 {
			continue
		}
		slots, err := s.d.Store.Reserve(r.file, r.n)
		if err != nil {
			return err
		}
		*r.into = append(*r.into, slots...)
		s.reserved = append(s.reserved, slots...)
	}
	return nil
}

// put fills the next shred slot with a key.
func (s *sealing) put(k seal.Secret) mail.Slot {
	slot := s.shred[0]
	s.shred = s.shred[1:]
	s.sealed.Slots = append(s.sealed.Slots, s.d.sealSlot(slot, k))
	return slot
}

// undo gives back what a message that comes to nothing has taken.
func (s *sealing) undo(ctx context.Context) {
	s.d.Store.Unreserve(s.reserved)
	for _, b := range s.blobs {
		// What stays behind has no row and no key; the sweep at start takes it.
		_ = s.d.Store.EraseBlob(context.WithoutCancel(ctx), b)
	}
}

// store makes the message durable, with its notices, contacts and events, all or
// nothing. more may add rows of the act's own.
func (s *sealing) store(ctx context.Context, more func(tx Tx) error) error {
	err := s.d.Store.Update(ctx, func(tx Tx) error {
		if err := s.write(tx); err != nil || more == nil {
			return err
		}
		return more(tx)
	})
	if err != nil {
		s.undo(ctx)
		return err
	}
	s.d.Store.Unreserve(append(s.shred, s.link...)) // those not needed after all
	if len(s.outbox) > 0 {
		s.d.Wake()
	}
	return nil
}

// write puts the message and all that goes with it into a transaction.
func (s *sealing) write(tx Tx) error {
	if err := tx.PutSealed(&s.sealed); err != nil {
		return err
	}
	if err := tx.EnqueueAll(s.outbox); err != nil {
		return err
	}
	for _, c := range s.contacts {
		if err := s.d.putContact(tx, c); err != nil {
			return err
		}
	}
	for _, e := range s.events {
		if err := tx.Note(e); err != nil {
			return err
		}
	}
	return nil
}

// envelope seals who sends.
func (s *sealing) envelope(e mail.Envelope) error {
	b, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("envelope: %w", err)
	}
	m := &s.sealed.Message
	m.Envelope = seal.Envelope(s.skm, s.d.App.Meta(), m.ID, b)
	return nil
}

// sealedHolder is a holder with the keys that open its wraps, while they exist.
type sealedHolder struct {
	mail.Holder
	skh seal.Secret
}

// holder adds a holder with a slot of its own. The caller sets what else the row
// says before keep.
func (s *sealing) holder(kind mail.HolderKind, owner mail.ID, c mail.Columns) (*sealedHolder, error) {
	h := &sealedHolder{skh: seal.NewSecret()}
	h.Holder = mail.Holder{ID: mail.NewIDAt(s.sealed.Message.At), Message: s.sealed.Message.ID, Kind: kind, Owner: owner, State: mail.Active}
	h.Slot = s.put(h.skh)
	var err error
	h.Columns, err = s.d.sealColumns(h.skh, h.Message, h.ID, c)
	return h, err
}

func (s *sealing) keep(h *sealedHolder) { s.sealed.Holders = append(s.sealed.Holders, h.Holder) }

func (s *sealing) lock(h *sealedHolder, kind seal.WrapKind, ref mail.ID, inner seal.Secret) seal.Lock {
	return seal.Lock{Kind: kind, Message: h.Message, Holder: h.ID, Ref: ref, Inner: inner, SKm: s.skm, SKh: h.skh}
}

func (s *sealing) wrap(h *sealedHolder, kind seal.WrapKind, ref mail.ID, box []byte) {
	s.sealed.Wraps = append(s.sealed.Wraps, mail.Wrap{Holder: h.ID, Kind: mail.WrapKind(kind), Ref: ref, Box: box})
}

// wrapFor locks the content key under the current epoch of a person or function mailbox.
func (s *sealing) wrapFor(h *sealedHolder, r mail.Resident) error {
	e, err := s.d.epochs.For(r.Key, r.Public, s.sealed.Message.At)
	if err != nil {
		return fmt.Errorf("epoch: %w", err)
	}
	s.wrap(h, seal.ByEpoch, e.ID, s.lock(h, seal.ByEpoch, e.ID, e.Key).Wrap(s.cek))
	for _, have := range s.sealed.Epochs {
		if have.ID == mail.ID(e.ID) {
			return nil
		}
	}
	s.sealed.Epochs = append(s.sealed.Epochs, mail.Epoch{ID: e.ID, Owner: e.Owner, Box: e.Box, At: e.Made})
	return nil
}

// wrapForCode locks the content key under a fresh code and returns the code, which
// nobody can know again once it was sent.
func (s *sealing) wrapForCode(h *sealedHolder, kind mail.CodeKind, expires time.Time) mail.LinkCode {
	code, sg := mail.NewLinkCode(), seal.NewSecret()
	secret := s.d.App.Code(code.Secret())
	row := mail.Code{ID: mail.NewIDAt(s.sealed.Message.At), Kind: kind, Locator: secret.Locator, Holder: h.ID, Slot: s.put(sg), Expires: expires}
	by := seal.ByGuest
	if kind == mail.CodeRepair {
		by = seal.ByRepair
	}
	s.wrap(h, by, row.ID, s.lock(h, by, row.ID, secret.Inner(row.ID, sg)).Wrap(s.cek))
	s.sealed.Codes = append(s.sealed.Codes, row)
	return code
}

// wrapForPair locks the content key to a guest pair of the thread.
func (s *sealing) wrapForPair(h *sealedHolder, p mail.Pair) error {
	pub, err := seal.ParsePublicKey(p.Public)
	if err != nil {
		return err
	}
	box, err := s.lock(h, seal.ByPair, p.ID, seal.Secret{}).WrapToPair(pub, s.cek)
	if err != nil {
		return err
	}
	s.wrap(h, seal.ByPair, p.ID, box)
	return nil
}

// letterNotice is notice of a mail that tells a citizen of a letter: with a link or without,
// as is decided where its owner is.
func (s *sealing) letterNotice(holder mail.ID, n mail.Notice, expires time.Time) error {
	n.NoLink = s.d.Directory.LinkFree(s.sealed.Message.Owner)
	return s.notice(holder, n, expires)
}

// notice puts a mail of ours into the outbox, sealed under a key of its own.
func (s *sealing) notice(holder mail.ID, n mail.Notice, expires time.Time) error {
	slot := s.link[0]
	s.link = s.link[1:]
	about := outbox.About{Message: s.sealed.Message.ID, Holder: holder, Expires: expires}
	o, w, err := outbox.Seal(s.d.App, slot, n, about, s.sealed.Message.At)
	if err != nil {
		return err
	}
	s.sealed.Slots = append(s.sealed.Slots, w)
	s.outbox = append(s.outbox, o)
	return nil
}

// tellResident says that something has come: to a person by the notice as it is, of a
// function mailbox to those who are to be told.
func (s *sealing) tellResident(holder mail.ID, r mail.Resident, n mail.Notice, expires time.Time) error {
	if r.Mails() == 0 {
		return nil
	}
	n.Letter = holder // the sign-in leads on to it
	if !r.Shared {
		return s.notice(holder, n, expires)
	}
	n.Mailbox = r.Name
	if len(r.Tell) == 0 {
		n.To, n.ToName = r.Address, r.Name
		return s.notice(holder, n, expires)
	}
	if n.Kind == mail.NoticeInternal {
		n.Kind = mail.NoticeShared // of which no sender hears: one that comes back says nothing of the letter
	}
	for _, p := range r.Each {
		n.To, n.ToName, n.Lang = p.Address, p.Name, p.Lang
		if err := s.notice(holder, n, expires); err != nil {
			return err
		}
	}
	return nil
}

// note adds an event about the message.
func (s *sealing) note(kind string, actor mail.Actor, holder mail.ID, detail string) {
	s.events = append(s.events, s.d.event(kind, actor, s.sealed.Message, holder, s.skm, detail))
}

func (d *Desk) sealColumns(skh seal.Secret, m, h mail.ID, c mail.Columns) (mail.Box, error) {
	b, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("columns: %w", err)
	}
	return seal.Columns(skh, d.App.Meta(), m, h, b), nil
}

// contact remembers a recipient's number, sealed under K_meta.
func (d *Desk) contact(c mail.Columns, at time.Time) (mail.Contact, error) {
	b, err := json.Marshal(c)
	if err != nil {
		return mail.Contact{}, fmt.Errorf("contact: %w", err)
	}
	lookup := d.App.Lookup(c.Address.Key())
	return mail.Contact{Lookup: lookup, Columns: d.App.SealContact(lookup, b), At: at}, nil
}

// putContact keeps a number as given now. That it has worked stays true of the same one.
func (d *Desk) putContact(tx Tx, c mail.Columns) error {
	row, err := d.contact(mail.Columns{Address: c.Address, Phone: c.Phone, Lang: c.Lang}, tx.Now())
	if err != nil {
		return err
	}
	have, old, err := d.remembered(tx, c.Address)
	if err != nil && mail.KindOf(err) != mail.Absent {
		return err
	}
	if err == nil && have.Phone == c.Phone {
		row.Worked = old.Worked
	}
	return tx.PutContact(row)
}

// event makes a journal event about a message. The actor stands as a commitment
// under SK_m: it says nothing once that is gone.
func (d *Desk) event(kind string, a mail.Actor, m mail.Message, holder mail.ID, skm seal.Secret, detail string) mail.Event {
	e := mail.Event{Kind: kind, At: d.Clock.Now(), Actor: a.Kind, Part: a.Name, Message: m.ID, Holder: holder, Detail: detail}
	if !a.ID.IsZero() && !skm.IsZero() {
		e.Who = seal.Commitment(skm, d.App.Meta(), m.ID, a.ID[:])
	}
	return e
}

// guestReader is the keys of a guest, or an error for anybody else.
func guestReader(r Reader) (*keyring.Guest, bool) {
	g, ok := r.Key.(*keyring.Guest)
	return g, ok && g != nil
}
