package desk

import "sigill/appliance/mail"

// What one reader may answer to one letter, in all: far more than anybody writes, and
// little enough that one code does not fill the house's disk, whose records never end
// by themselves.
const (
	MaxAnswers     = 100
	MaxAnswerBytes = 2 << 30 // clear bytes of texts and files
)

// room is what is left of that for one reader.
type room struct {
	answers int
	bytes   int64
	sign    string // whom to ask for more
}

// roomOf counts the answers of a guest, which are under the guest's pair, or of a registered
// recipient. It counts rows, so that no restart and no new session gives room back.
func (a *answeredLetter) roomOf(tx ReadTx) (room, error) {
	r := room{MaxAnswers, MaxAnswerBytes, a.room.sign}
	thread, err := tx.Thread(a.l.m.Thread)
	if err != nil {
		return r, err
	}
	for _, m := range thread {
		if m.Way != mail.In {
			continue
		}
		mine, err := a.answeredBy(tx, m)
		if err != nil {
			return r, err
		}
		if mine {
			r.answers--
			r.bytes -= m.Size
		}
	}
	return r, nil
}

// answeredBy reports whether who answers wrote this answer too: then a copy of it is theirs,
// or is locked to the guest's pair.
func (a *answeredLetter) answeredBy(tx ReadTx, m mail.Message) (bool, error) {
	holders, err := tx.Holders(m.ID)
	if err != nil {
		return false, err
	}
	for _, h := range holders {
		if h.House {
			continue
		}
		if !a.self.ID.IsZero() {
			if h.Owner == a.self.ID {
				return true, nil
			}
			continue
		}
		wraps, err := tx.Wraps(h.ID)
		if err != nil {
			return false, err
		}
		for _, w := range wraps {
			if w.Kind == mail.WrapPair && w.Ref == a.pair.ID {
				return true, nil
			}
		}
	}
	return false, nil
}

// takes refuses so many more answers of so many bytes if there is no room for them, in
// words that say who can help.
func (r room) takes(answers int, bytes int64) error {
	if answers <= r.answers && bytes <= r.bytes {
		return nil
	}
	return mail.E(mail.TooLarge, "error.answers", nil).Tell("Sign", r.sign)
}
