package desk

import (
	"context"
	"time"

	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/policy"
)

// CodeSecret is what a code is worth to who has shown it; see keyring.
type CodeSecret = keyring.CodeSecret

// Letter is what may be said to whoever holds a code, before any proof.
type Letter struct {
	Kind    mail.CodeKind
	Code    mail.ID
	Holder  mail.ID
	Message mail.ID
	Secret  CodeSecret // of the code; in memory only
	Owner   mail.ID    // in whose name it was written; zero of an invitation
	Level   mail.Level
	Phone   mail.Phone   // whom a PIN goes to; only its tail is shown
	Address mail.Address // to which the letter was sent; shown to nobody before the proof
	Lang    string       // in which the reader was told of it; "" if nothing is known of that
	Picked  string       // by the reader, on the page that asked for the code; "" if they did not
	Until   time.Time
	Locked  bool // closed by wrong PINs
}

// Look finds the letter of a code. It changes nothing, whoever asks.
//
// An unknown code is Absent. One that was right is told the truth: Gone, with the
// day on which it ended.
func (d *Desk) Look(ctx context.Context, code mail.LinkCode) (Letter, error) {
	secret := d.App.Code(code.Secret())
	var l Letter
	err := d.Store.View(ctx, func(tx ReadTx) error {
		c, err := tx.CodeByLocator(secret.Locator)
		if mail.KindOf(err) == mail.Absent {
			t, terr := tx.Tombstone(secret.Locator)
			if terr != nil {
				return err
			}
			return ended(t.Ended, t.Why)
		}
		if err != nil {
			return err
		}
		l = Letter{Kind: c.Kind, Code: c.ID, Holder: c.Holder, Secret: secret, Until: c.Expires}
		if c.Kind == mail.CodeInvitation {
			return nil
		}
		return d.fillLetter(tx, &l)
	})
	return l, err
}

func (d *Desk) fillLetter(tx LetterReads, l *Letter) error {
	x, cols, err := d.loadKnown(tx, l.Holder)
	if err != nil {
		return err
	}
	l.Message, l.Owner, l.Level, l.Until, l.Locked, l.Phone, l.Address = x.m.ID, x.m.Owner, x.h.Level, x.h.Due(), x.h.Locked, cols.Phone, cols.Address
	l.Lang = cols.Lang
	return nil
}

// Again reads a letter anew for who has shown its code already: the number may have
// been mended meanwhile, the letter ended.
func (d *Desk) Again(ctx context.Context, l Letter) (Letter, error) {
	err := d.Store.View(ctx, func(tx ReadTx) (err error) {
		l, err = d.AgainIn(tx, l)
		return err
	})
	return l, err
}

// AgainIn is Again within a transaction that somebody else has begun: what it decides by
// the letter cannot change before it is written.
func (d *Desk) AgainIn(tx LetterReads, l Letter) (Letter, error) {
	err := d.fillLetter(tx, &l)
	return l, err
}

// Own reports whether a letter was sent to an account's address.
func (l Letter) Own(account mail.Address) bool { return l.Address.Key() == account.Key() }

// MayMoveIn reports whether a letter may move into the account of an address: by itself if
// it was sent there, else if its reader says so.
func (l Letter) MayMoveIn(account mail.Address) bool {
	return l.Kind == mail.CodeGuest && policy.MayMoveIn(l.Level, l.Own(account))
}
