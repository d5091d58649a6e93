// Package outbox seals mails of ours while they wait for the next server.
//
// It never keeps a key: each mail stands under one of its own in link.slots, which
// no backup holds and which is erased as soon as the mail was taken.
//
// On disk is the row of the table outbox: ids, times, and a box (seal/FORMAT.md, 5).
//
// What holds always: after a mail has left, nobody holds the code in it but who
// gets it.
package outbox

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"time"

	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/seal"
)

// MaxWait is how long a mail of ours is tried; RFC 5321, 4.5.4.1 asks for four to
// five days. An invitation is tried for as long as its code is good: with it the only
// way to its owner's key would be lost, or who has sent it would think that it is there.
const MaxWait = 5 * 24 * time.Hour

// About says what a mail of ours is about.
type About struct {
	Message, Holder mail.ID
	Expires         time.Time // tried no longer than this, and but for invitations no longer than MaxWait
}

// Seal makes the row of a notice and the content of its slot, which is one of
// link.slots.
func Seal(app *keyring.App, slot mail.Slot, n mail.Notice, a About, now time.Time) (mail.Outgoing, mail.SlotWrite, error) {
	b, err := json.Marshal(n)
	if err != nil {
		return mail.Outgoing{}, mail.SlotWrite{}, fmt.Errorf("notice: %w", err)
	}
	o := mail.Outgoing{ID: mail.NewIDAt(now), Kind: n.Kind, Message: a.Message, Holder: a.Holder, Slot: slot, At: now, Next: now, Expires: a.Expires}
	if most := now.Add(MaxWait); o.Expires.IsZero() || o.Expires.After(most) && !n.Kind.Invites() {
		o.Expires = most
	}
	rand.Read(o.Bounce[:])
	key := seal.NewSecret()
	o.Box = app.SealOutgoing(key, o.ID, b)
	return o, mail.SlotWrite{Slot: slot, Value: app.SealSlot(byte(slot.File), slot.N, key)}, nil
}

// Open opens a row with the key from its slot.
func Open(app *keyring.App, key seal.Secret, o mail.Outgoing) (mail.Notice, error) {
	var n mail.Notice
	b, err := app.OpenOutgoing(key, o.ID, o.Box)
	if err != nil {
		return n, err
	}
	return n, json.Unmarshal(b, &n)
}

// Emptied is what is left of a row when the mail is gone: enough to know a bounce.
func Emptied(o mail.Outgoing) mail.Outgoing {
	o.Slot, o.Box, o.Next = mail.Slot{File: mail.Link}, mail.Box{}, time.Time{}
	return o
}
