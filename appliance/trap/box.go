package trap

import (
	"sync"
	"time"

	"sigill/appliance/mail"
)

// The bounds of what is held.
const (
	maxMessages = 1000
	maxBytes    = 64 << 20
)

// Message is one mail or SMS that was caught. The names are those of the contract.
type Message struct {
	ID      string    `json:"id"`
	Kind    string    `json:"kind"` // "email" or "sms"
	At      time.Time `json:"at"`
	From    string    `json:"from"`
	To      []string  `json:"to"` // whom the envelope names
	Subject string    `json:"subject"`
	Text    string    `json:"text"`
	HTML    string    `json:"html"`
	Raw     string    `json:"raw"` // with the envelope's sender as Return-Path
}

func (m *Message) size() int { return len(m.Raw) + len(m.Text) + len(m.HTML) + 200 }

// box holds what was caught.
type box struct {
	mu      sync.Mutex
	list    []Message // oldest first
	bytes   int
	version int // counts every change, so that the page knows when to look
}

func (b *box) add(m Message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	m.ID = mail.NewID().String()
	b.list = append(b.list, m)
	b.bytes += m.size()
	for len(b.list) > maxMessages || b.bytes > maxBytes && len(b.list) > 1 {
		b.bytes -= b.list[0].size()
		b.list[0] = Message{} // so that it is freed with its place
		b.list = b.list[1:]
	}
	b.version++
}

func (b *box) all() []Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]Message{}, b.list...)
}

func (b *box) get(id string) (Message, bool) {
	for _, m := range b.all() {
		if m.ID == id {
			return m, true
		}
	}
	return Message{}, false
}

func (b *box) empty() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := len(b.list)
	b.list, b.bytes = nil, 0
	b.version++
	return n
}

// touch tells the page that something else has changed.
func (b *box) touch() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.version++
}

func (b *box) now() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.version
}
