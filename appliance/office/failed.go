package office

import (
	"context"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/journal"
	"sigill/appliance/mail"
)

// Bounds of failed sign-ins in the journal, a day, over those of the doors: strangers with
// many networks have many times what one may try. An entry takes about 150 bytes of the
// disk, and a failure is one, with one more for each limit that it was the last of, which is
// every tenth or later: so it is 25,000 entries and 4 MB a day at most. From then on the
// journal says that it leaves some out, once; the tries are bounded as ever.
//
// Those about nobody have a bound of their own: with made-up addresses nobody hides what is
// tried at real ones.
const (
	failedPeople = 20_000
	failedNobody = 2_000
	failedWindow = 24 * time.Hour
)

// SignInFailed writes a failed sign-in down: about whom, if there is such a person, and by
// what; never what was typed. It is one transaction that writes for whomever it is about,
// and whether the bound is reached or not, so that it takes as long.
func (o *Office) SignInFailed(ctx context.Context, f access.Failure) error {
	return o.Store.Update(ctx, func(tx Tx) error {
		person, err := o.whose(tx, f)
		if err != nil {
			return err
		}
		about, most := "people", int64(failedPeople)
		if person.IsZero() {
			about, most = "nobody", failedNobody
		}
		n, err := tx.Count(o.App.Tag("signin.failed", about), tx.Now(), failedWindow)
		switch {
		case err != nil:
			return err
		case n <= most:
			return noteFailed(tx, person, f)
		case n == most+1:
			return tx.Note(mail.Event{Kind: journal.FailuresLeftOut, At: tx.Now(), Actor: mail.ActorSystem, Part: "office", Detail: about})
		}
		return nil
	})
}

// whose is who a failure is about; zero: nobody.
func (o *Office) whose(tx ReadTx, f access.Failure) (mail.ID, error) {
	if !f.Person.IsZero() {
		return f.Person, nil
	}
	p, err := tx.PersonOr(f.Lookup, o.decoy.person)
	if p.ID == o.decoy.person.ID {
		return mail.ID{}, err
	}
	return p.ID, err
}

func noteFailed(tx Tx, person mail.ID, f access.Failure) error {
	e := mail.Event{Kind: journal.SignInFailed, At: tx.Now(), Actor: mail.ActorNobody, Holder: person, Detail: string(f.By)}
	if f.By == access.TriedAgain {
		e.Actor = mail.ActorPerson // or who sits at their open session
	}
	if f.Wrong {
		if err := tx.Note(e); err != nil {
			return err
		}
	}
	for _, b := range f.Closes {
		e.Kind, e.Detail = journal.TriesStopped, string(f.By)+" "+string(b)
		if e.Holder = person; b == access.AtNetwork {
			e.Holder = mail.ID{} // it is about all that were tried from there, not the last one
		}
		if err := tx.Note(e); err != nil {
			return err
		}
	}
	return nil
}
