package appliance

import (
	"context"
	"time"

	"sigill/appliance/courier"
	"sigill/appliance/mail"
	"sigill/appliance/vault"
)

// LetTry has a demo try the way of a letter, from an address that nobody has.
func LetTry(d *Demo) {
	d.Appliance.c.Canary = Canary{From: "provbrev@exempelkommun.se", Phone: "+46700000001"}
}

// LetTryFrom is LetTry from somebody's address.
func LetTryFrom(address mail.Address) func(*Demo) {
	return func(d *Demo) { LetTry(d); d.Appliance.c.Canary.From = address }
}

// LetReport has the demo's gateway be one that reports.
func LetReport(d *Demo) {
	d.Appliance.c.Reports = map[string]courier.ReportForm{"trap": courier.ElksReport()}
}

// LetGatewayFail has the gateway take no SMS.
func LetGatewayFail(d *Demo) { d.Appliance.texter.gateway = deadGateway{} }

// LetSmarthostGo has the smarthost be one that nobody answers for.
func LetSmarthostGo(d *Demo) {
	a := d.Appliance
	gone := a.c.Smarthost
	gone.Addr = "127.0.0.1:1"
	c, err := courier.New(courier.Config{Outbox: outboxOf{a.desk, a.wake}, Words: a.texter.words, Clock: a.c.Clock, Returns: a.returns, Smarthost: gone, Log: a.c.Log})
	if err != nil {
		panic(err)
	}
	a.courier = c
}

type deadGateway struct{}

func (deadGateway) Send(context.Context, mail.SMS) (mail.Receipt, error) {
	return mail.Receipt{}, &courier.GatewayError{Provider: "trap", Detail: "down", Sure: true}
}

// TripTo is the address to which the letter goes that is under way; "" if none is.
func TripTo(d *Demo) mail.Address {
	t := &d.Appliance.trips
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.now == nil {
		return ""
	}
	return t.now.to
}

// TripLetter is its letter.
func TripLetter(d *Demo) mail.ID {
	id, _ := d.Appliance.trips.seen()
	return id
}

// TripTakes tells the trip of a mail that was taken, as the door does.
func TripTakes(d *Demo, dr *mail.Draft) { d.Appliance.trips.accepted(dr) }

// TripLoses erases the key of the trip's letter, as a disk that has lost it, and has the
// gateway report that the SMS was delivered.
func TripLoses(ctx context.Context, d *Demo) {
	a, letter := d.Appliance, TripLetter(d)
	var m mail.Message
	var guest mail.ID
	err := a.db.View(ctx, func(tx *vault.ReadTx) (err error) {
		if m, err = tx.Message(letter); err != nil {
			return err
		}
		holders, err := tx.Holders(letter)
		for _, h := range holders {
			if h.Kind == mail.HolderGuest {
				guest = h.ID
			}
		}
		return err
	})
	if err == nil {
		err = a.desk.SMSStep(ctx, guest, mail.StepSMSDelivered, "")
	}
	if err == nil {
		err = a.db.EraseSlots(ctx, []mail.Slot{m.Slot})
	}
	if err != nil {
		panic(err)
	}
}

// ShowTrip has a trip be the last one that did not come back.
func ShowTrip(d *Demo) {
	t := fresh(d.Clock.Now())
	t.Running = false
	t.Hops[0].State, t.Hops[0].Took = mail.TripWell, 80*time.Millisecond
	t.Hops[1].State, t.Hops[1].Took = mail.TripWell, 1300*time.Millisecond
	t.Hops[2].State, t.Hops[2].Detail = mail.TripBroken, string(errLate)
	t.Hops[7].State = mail.TripWell
	d.Appliance.trips.show(t)
}
