package access

import (
	"context"
	"crypto/subtle"
	"errors"
	"slices"
	"time"

	"sigill/appliance/mail"
)

// Question is a question for help as those see it who may answer it.
type Question struct {
	ID     mail.ID
	Person mail.ID
	At     time.Time
	Agent  Agent // from which it was asked
	Proven bool  // by a second factor
	Needs  int   // organisers
	Agreed []mail.ID
}

// Questions returns what waits for an answer that somebody may give, the oldest first.
func (h *Helping) Questions(by mail.ID) (list []Question) {
	for _, q := range h.asked() {
		if !h.aid.MayHelp(by, q.person.ID) {
			continue
		}
		q.mu.Lock()
		if q.stage == HelpAsked {
			list = append(list, Question{q.ID, q.person.ID, q.at, q.from.Agent, q.proven, h.needs(q), slices.Clone(q.agreed)})
		}
		q.mu.Unlock()
	}
	sortByAge(list)
	return list
}

// asked returns the questions that live and are about somebody.
func (h *Helping) asked() (list []*Asking) {
	h.tokens.Each(func(q *Asking, _ time.Duration) {
		if q.known {
			list = append(list, q)
		}
	})
	return slices.DeleteFunc(list, h.isOver)
}

// needs is how many organisers it takes: a second one where there is no other proof, and
// where the house wants two, or has wanted it when it was asked: else one could say
// otherwise for a moment.
func (h *Helping) needs(q *Asking) int {
	if q.proven && q.needs < 2 && !h.aid.TwoHelp(q.person.ID) {
		return 1
	}
	return 2
}

// Help answers a question: whoever may organise the person, and has spoken with them,
// types the number that stands on the person's screen. So it is this question that is
// answered, and not one that somebody else has asked in the person's name at the same
// time. When as many have agreed as it takes, the last one's key opens the seed, and the
// person chooses a password; given tells that.
//
// Whose key does not open the seed may still be one of the two; then the other one presses
// once more.
//
// The errors are Absent for a question that is over or that somebody may not answer, and
// Invalid for people.
func (h *Helping) Help(ctx context.Context, by mail.Actor, key *Key, id mail.ID, number string) (given bool, err error) {
	q, err := h.question(by, id)
	if err != nil {
		return false, err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.stage != HelpAsked {
		return false, noQuestion()
	}
	if h.needs(q) > 1 && !h.aid.MayVouch(by.ID, q.person.ID) {
		return false, mail.E(mail.Invalid, "error.help.new", nil)
	}
	if subtle.ConstantTimeCompare([]byte(digits(number)), []byte(q.number)) == 0 {
		return false, h.wrongNumber(ctx, by, q)
	}
	// Whoever has agreed and may not help any more counts no longer.
	q.agreed = slices.DeleteFunc(q.agreed, func(who mail.ID) bool { return !h.aid.MayHelp(who, q.person.ID) })
	twice := slices.Contains(q.agreed, by.ID)
	if !twice && len(q.agreed)+1 < h.needs(q) {
		return false, h.agree(ctx, by, q)
	}
	if twice && len(q.agreed) < h.needs(q) {
		return false, mail.E(mail.Invalid, "error.help.twice", nil)
	}
	g, err := h.aid.GiveHelp(ctx, by, key, q.person)
	var e *mail.Error
	if errors.As(err, &e) && e.Say == unopened && h.needs(q) > 1 && !twice {
		if failed := h.agree(ctx, by, q); failed != nil {
			return false, failed
		}
		return false, err
	}
	if err != nil {
		return false, err
	}
	q.given, q.stage = g, HelpGiven
	h.endIn(q, helpGivenLife)
	return true, nil
}

// agree notes that an organiser is one of those that it takes.
func (h *Helping) agree(ctx context.Context, by mail.Actor, q *Asking) error {
	if err := h.aid.HelpAgreed(ctx, by, q.person); err != nil {
		return err
	}
	q.agreed = append(q.agreed, by.ID)
	return nil
}

// wrongNumber counts a number that does not fit. Too many end the question: maybe it is
// not the person's at all.
func (h *Helping) wrongNumber(ctx context.Context, by mail.Actor, q *Asking) error {
	if q.wrong++; q.wrong < helpNumbers {
		return mail.E(mail.Invalid, "error.help.number", nil)
	}
	if err := h.aid.RefuseHelp(ctx, by, q.person); err != nil {
		return err
	}
	q.stage = HelpOver
	q.put.Store(false)
	return mail.E(mail.Invalid, "error.help.numbers", nil)
}

// Refuse ends a question. The error is Absent, as of Help.
func (h *Helping) Refuse(ctx context.Context, by mail.Actor, id mail.ID) error {
	q, err := h.question(by, id)
	if err != nil {
		return err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.stage != HelpAsked {
		return noQuestion()
	}
	if err := h.aid.RefuseHelp(ctx, by, q.person); err != nil {
		return err
	}
	q.stage = HelpOver
	q.put.Store(false)
	return nil
}

func (h *Helping) question(by mail.Actor, id mail.ID) (*Asking, error) {
	for _, q := range h.asked() {
		if q.ID == id && h.aid.MayHelp(by.ID, q.person.ID) {
			return q, nil
		}
	}
	return nil, noQuestion()
}

func noQuestion() error { return mail.E(mail.Absent, "error.absent", nil) }

// sortByAge puts the oldest questions first.
func sortByAge(list []Question) {
	slices.SortFunc(list, func(a, b Question) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return a.ID.Compare(b.ID)
	})
}
