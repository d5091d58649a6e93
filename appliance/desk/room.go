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

// roomOf counts the answers under a guest's pair. It counts rows, so that no restart
// and no new session gives room back.
func roomOf(tx ReadTx, pair mail.Pair, house House) (room, error) {
	r := room{MaxAnswers, MaxAnswerBytes, house.Sign}
	thread, err := tx.Thread(pair.Thread)
	if err != nil {
		return r, err
	}
	for _, m := range thread {
		if m.Way != mail.In {
			continue
		}
		mine, err := answeredBy(tx, m, pair)
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

// answeredBy reports whether the guest with this pair wrote an answer: then a copy of it
// is locked to the pair.
func answeredBy(tx ReadTx, m mail.Message, pair mail.Pair) (bool, error) {
	holders, err := tx.Holders(m.ID)
	if err != nil {
		return false, err
	}
	for _, h := range holders {
		if h.House {
			continue
		}
		wraps, err := tx.Wraps(h.ID)
		if err != nil {
			return false, err
		}
		for _, w := range wraps {
			if w.Kind == mail.WrapPair && w.Ref == pair.ID {
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
