package office

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sigill/appliance/access"
	"sigill/appliance/journal"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// appPasswordReads is what the office reads of app passwords.
type appPasswordReads interface {
	AppPasswords(person mail.ID) ([]mail.AppPassword, error)
	AppPassword(person mail.ID, hash [32]byte) (mail.AppPassword, error)
}

// appPasswordWrites is what it writes of them. What is not there is mail.Absent.
type appPasswordWrites interface {
	PutAppPassword(mail.AppPassword) error
	UseAppPassword(id mail.ID, at time.Time) error
	DeleteAppPassword(person, id mail.ID) error
}

// MailProgram is a mail program that a person lets send, by an app password of its own.
type MailProgram struct {
	ID   mail.ID
	Name string
	At   time.Time
	Used time.Time // last, to about an hour; zero: never
}

// maxAppName is the longest name of one, in characters.
const maxAppName = 60

// MaySend reports whether a person may send from a mail program: who may write as one of
// the house and has an address in it. The SMTP door takes mail from no other address.
func (o *Office) MaySend(person mail.ID) (may bool) {
	o.Tree(func(t *org.Tree) {
		p, err := t.Person(person)
		may = err == nil && o.ours(p.Address)
	})
	return may && o.MayWrite(person)
}

// MakeAppPassword makes a password for a mail program of who is signed in, and tells them.
// It is returned this once. The errors for people are Invalid for a name that will not do,
// for more than there may be, and for who may not send; and Denied, see ChangePassword.
func (o *Office) MakeAppPassword(ctx context.Context, by access.Owner, name string) (access.AppPassword, error) {
	p := by.Person
	name = strings.TrimSpace(name)
	if !goodAppName(name) {
		return access.AppPassword{}, mail.E(mail.Invalid, "error.apppassword.name", nil)
	}
	if !o.MaySend(p.ID) {
		return access.AppPassword{}, mail.E(mail.Invalid, "error.write.over", nil)
	}
	password, id := access.NewAppPassword(), mail.NewID()
	row := mail.AppPassword{
		ID: id, Person: p.ID, Name: o.App.SealAppName(id, []byte(name)), Hash: o.App.AppPassword(p.ID, password.Secret()),
	}
	err := o.tell(ctx, p, mail.Notice{Kind: mail.NoticeAppPassword, At: o.Clock.Now()}, func(tx Tx) error {
		if err := still(tx, by); err != nil {
			return err
		}
		have, err := tx.AppPasswords(p.ID)
		if err != nil {
			return err
		}
		if len(have) >= mail.MaxAppPasswords {
			return mail.E(mail.Invalid, "error.apppassword.many", nil)
		}
		row.At = tx.Now()
		if err := tx.PutAppPassword(row); err != nil {
			return err
		}
		return note(tx, journal.AppPasswordMade, p, "")
	})
	if err != nil {
		return access.AppPassword{}, err
	}
	return password, nil
}

func goodAppName(name string) bool {
	n := utf8.RuneCountInString(name)
	return utf8.ValidString(name) && n >= 1 && n <= maxAppName && !strings.ContainsFunc(name, unicode.IsControl)
}

// AppPasswords returns the mail programs that a person lets send, the oldest first.
func (o *Office) AppPasswords(ctx context.Context, person mail.ID) (list []MailProgram, err error) {
	err = o.Store.View(ctx, func(tx ReadTx) error {
		list = nil
		rows, err := tx.AppPasswords(person)
		if err != nil {
			return err
		}
		for _, row := range rows {
			name, err := o.App.OpenAppName(row.ID, row.Name)
			if err != nil {
				return mail.E(mail.Internal, "error.internal", fmt.Errorf("open the name of an app password: %w", err))
			}
			list = append(list, MailProgram{row.ID, string(name), row.At, row.Used})
		}
		return nil
	})
	return list, err
}

// DropAppPassword takes one of a person's away: what has signed in with it sends nothing
// more. The error is Absent for one that there is not, and for another's.
func (o *Office) DropAppPassword(ctx context.Context, person, id mail.ID) error {
	return o.Store.Update(ctx, func(tx Tx) error {
		if err := tx.DeleteAppPassword(person, id); err != nil {
			return err
		}
		return note(tx, journal.AppPasswordRemoved, mail.Person{ID: person}, "")
	})
}

// dropAppPasswords takes all of a person's away, when the access is won back: whoever had
// the account until then may have made one.
func dropAppPasswords(tx Tx, person mail.ID, actor mail.ActorKind) error {
	rows, err := tx.AppPasswords(person)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if err := tx.DeleteAppPassword(person, row.ID); err != nil {
			return err
		}
		e := mail.Event{Kind: journal.AppPasswordRemoved, At: tx.Now(), Actor: actor, Part: "recover", Holder: person}
		if err := tx.Note(e); err != nil {
			return err
		}
	}
	return nil
}

// usedEvery is how often it is written down that an app password was used: mail programs
// sign in for each mail.
const usedEvery = time.Hour

// Sender returns who is at an address, if the password is one of theirs and they may send.
// A wrong password, a removed one, somebody who may not send and an address that nobody
// has are Denied, alike: as much is read and compared for all of them. Who calls has
// counted the try; see access.Sending.
func (o *Office) Sender(ctx context.Context, lookup [32]byte, password access.AppPassword) (access.Sender, error) {
	var p mail.Person
	var row mail.AppPassword
	err := o.Store.View(ctx, func(tx ReadTx) (err error) {
		if p, err = tx.PersonOr(lookup, o.decoy.person); err != nil {
			return err
		}
		row, err = tx.AppPassword(p.ID, o.App.AppPassword(p.ID, password.Secret()))
		return err
	})
	if mail.KindOf(err) == mail.Absent {
		return access.Sender{}, notSignedIn()
	}
	if err != nil {
		return access.Sender{}, err
	}
	if !o.MaySend(p.ID) { // asked of whose password was right alone: how long it takes hangs on who it is
		return access.Sender{}, notSignedIn()
	}
	profile, err := o.Profile(p)
	if err != nil {
		return access.Sender{}, err
	}
	if err := o.noteUse(ctx, row); err != nil {
		return access.Sender{}, err
	}
	return access.Sender{Person: p.ID, Password: row.ID, Address: profile.Address}, nil
}

func notSignedIn() error { return mail.E(mail.Denied, "error.signin", nil) }

// noteUse writes down that an app password was used, unless that was done lately. One that
// was removed meanwhile is Denied.
func (o *Office) noteUse(ctx context.Context, row mail.AppPassword) error {
	now := o.Clock.Now()
	if since := now.Sub(row.Used); since > -usedEvery && since < usedEvery { // a clock may have been ahead
		return nil
	}
	err := o.Store.Update(ctx, func(tx Tx) error { return tx.UseAppPassword(row.ID, now) })
	if err != nil && mail.KindOf(err) == mail.Absent {
		return notSignedIn()
	}
	return err
}

// Sends returns nil if a sender may send at this moment: the app password is still there,
// and so is the right. Else it is Denied.
func (o *Office) Sends(ctx context.Context, s access.Sender) error {
	var rows []mail.AppPassword
	err := o.Store.View(ctx, func(tx ReadTx) (err error) {
		rows, err = tx.AppPasswords(s.Person)
		return err
	})
	if err != nil {
		return err
	}
	for _, row := range rows {
		if row.ID == s.Password && o.MaySend(s.Person) {
			return nil
		}
	}
	return notSignedIn()
}
