package desk

import (
	"sync"

	"sigill/appliance/mail"
)

// running is who does at this moment what nobody does twice at once.
type running struct {
	mu  sync.Mutex
	who map[mail.ID]bool
}

// begin reports whether somebody does it from now on; false: they do it already.
func (r *running) begin(who mail.ID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.who[who] {
		return false
	}
	if r.who == nil {
		r.who = map[mail.ID]bool{}
	}
	r.who[who] = true
	return true
}

func (r *running) end(who mail.ID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.who, who)
}
