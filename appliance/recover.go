package appliance

import (
	"context"
	"fmt"
	"time"

	"sigill/appliance/journal"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/vault"
)

// settingPractised is when the recovery kit was last practised with.
const settingPractised = "key.practised"

// toRecover names whose key is to be opened.
type toRecover struct {
	Data    string       `json:"data"`
	Address mail.Address `json:"address"`
}

// Asked is a request, as the command that asked for it shows it.
type Asked struct {
	File        []byte `json:"file"`
	Fingerprint string `json:"fingerprint"`
}

// RecoverRequest makes a request to the holders of the recovery kit, for one person.
func RecoverRequest(ctx context.Context, p Places, a mail.Address) (Asked, error) {
	return ask(ctx, p, askRequest, toRecover{p.Data, a}, (*Appliance).recoverRequest)
}

func (a *Appliance) recoverRequest(ctx context.Context, in toRecover) (Asked, error) {
	if err := a.meant(in.Data); err != nil {
		return Asked{}, err
	}
	r, err := a.office.AskRecovery(ctx, a.founding.id, a.founding.sharing, in.Address)
	if err != nil {
		return Asked{}, err
	}
	return Asked{r.Marshal(), r.Fingerprint()}, nil
}

// toApply is an answer that is to be taken.
type toApply struct {
	Data   string `json:"data"`
	Answer []byte `json:"answer"`
	Mail   bool   `json:"mail"` // the code goes out by mail
}

// Restored is what a recovery has led to. Code is shown once, to who asked, and is
// nowhere else; "" if it went out by mail.
type Restored struct {
	Address mail.Address `json:"address"`
	Code    string       `json:"code,omitempty"`
	Until   time.Time    `json:"until"`
	Portal  string       `json:"portal"`
	// Of a function mailbox: who got its key, and whether one of them asks for more.
	Readers []mail.Address `json:"readers,omitempty"`
	More    bool           `json:"more,omitempty"`
	Fault   string         `json:"fault,omitempty"` // what went wrong after it was done
}

// RecoverApply takes an answer. With an error Restored has no address if nothing was
// done; else the access was restored, and the code is good.
func RecoverApply(ctx context.Context, p Places, answer []byte, byMail bool) (Restored, error) {
	done, err := ask(ctx, p, askApply, toApply{p.Data, answer, byMail}, (*Appliance).recoverApply)
	if err == nil && done.Fault != "" {
		err = fmt.Errorf("the access was restored, but then this went wrong, which a new start of the appliance mends: %s", done.Fault)
	}
	return done, err
}

func (a *Appliance) recoverApply(ctx context.Context, in toApply) (Restored, error) {
	if err := a.meant(in.Data); err != nil {
		return Restored{}, err
	}
	answer, err := keyring.ParseAnswer(in.Answer)
	if err != nil {
		return Restored{}, mail.E(mail.Invalid, "", err)
	}
	r, err := a.office.Restore(ctx, a.founding.id, answer, in.Mail)
	if r.Person.IsZero() {
		return Restored{}, err
	}
	if a.portal != nil {
		a.portal.SignIn.EndAll(r.Person)
	}
	done := Restored{Address: r.Address, Until: r.Until, Portal: a.c.BaseURL, Readers: r.Readers, More: r.More}
	if err != nil { // beside the code and not in its place: there is no other way to it
		a.c.Log.Error("after a recovery", "part", "recover", "err", err)
		done.Fault = Say(err)
	}
	if !in.Mail && len(r.Readers) == 0 {
		done.Code = r.Code.Text()
	}
	return done, nil
}

// toKnow names the data directory that is meant.
type toKnow struct {
	Data string `json:"data"`
}

// KnownKit returns what the installation knows of its recovery kit.
func KnownKit(ctx context.Context, p Places) (keyring.Known, error) {
	return ask(ctx, p, askKit, toKnow{p.Data}, (*Appliance).knownKit)
}

func (a *Appliance) knownKit(_ context.Context, in toKnow) (keyring.Known, error) {
	if err := a.meant(in.Data); err != nil {
		return keyring.Known{}, err
	}
	f := a.founding
	return f.app.Known(f.sharing, f.backup, f.recovery), nil
}

// NotePractised writes down that every page of the recovery kit was shown and good.
func NotePractised(ctx context.Context, p Places) error {
	_, err := ask(ctx, p, askPractised, toKnow{p.Data}, (*Appliance).practised)
	return err
}

func (a *Appliance) practised(ctx context.Context, in toKnow) (struct{}, error) {
	if err := a.meant(in.Data); err != nil {
		return struct{}{}, err
	}
	return struct{}{}, a.db.Update(ctx, func(tx *vault.Tx) error {
		if err := tx.SetSetting(settingPractised, tx.Now().Format(time.RFC3339)); err != nil {
			return err
		}
		return tx.Note(mail.Event{Kind: journal.KitPractised, At: tx.Now(), Actor: mail.ActorSystem, Part: "recover"})
	})
}

// Practised returns when the recovery kit was last practised with; zero: never.
func (a *Appliance) Practised(ctx context.Context) (time.Time, error) {
	text, err := setting(ctx, a.db, settingPractised)
	if mail.KindOf(err) == mail.Absent {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, err
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("setting %s: %w", settingPractised, err)
	}
	return at, nil
}

// sayKit tells who starts the appliance what to do with a kit that was just written, and
// that it was never practised with.
func (a *Appliance) sayKit(ctx context.Context, say func(format string, args ...any)) error {
	if kit := a.Kit(); len(kit) > 0 {
		say(`The recovery kit was written, this once:
  %s   to print: open it in a browser, one sheet of paper a page
  %s    the same as plain text
Print it, give each sheet to somebody else or put it into a safe of its own, check the
sheets with "sigill recover practise", and then remove both files from this machine.
`, kit[0], kit[1])
		return nil
	}
	at, err := a.Practised(ctx)
	if err == nil && at.IsZero() {
		say("The recovery kit was never practised with: run \"sigill recover practise\" with the printed sheets.\n")
	}
	return err
}

// sharing reads how the configuration wants R to be shared.
func sharing(text string) (keyring.Sharing, error) {
	if text == "whole" {
		return keyring.Whole, nil
	}
	var need, of int
	if _, err := fmt.Sscanf(text, "%d-of-%d", &need, &of); err != nil {
		return keyring.Sharing{}, fmt.Errorf("%q is no way to share it", text)
	}
	return keyring.NewSharing(need, of)
}
