package keyring

import (
	"bytes"
	"crypto/rand"
	"sync"
	"time"

	"sigill/appliance/seal"
)

// Bounds of a holder epoch (7-targets: a hybrid seal for each message would cost
// more than everything else). The price is a key in memory for a minute, where
// clear text passes anyway.
const (
	epochAge      = time.Minute
	epochMessages = 1000
)

// Epochs hands out the current epoch key of each owner.
type Epochs struct {
	mu  sync.Mutex
	now map[seal.ID]*epoch
}

type epoch struct {
	Epoch
	pub   []byte
	count int
}

// Epoch is an epoch key with its sealed form.
type Epoch struct {
	ID    seal.ID
	Owner seal.ID
	Key   seal.Secret
	Box   []byte
	Made  time.Time
}

// young also ends an epoch when the clock was set back by more than its age.
func (e *epoch) young(now time.Time) bool { return now.Sub(e.Made).Abs() < epochAge }

// maxOwners bounds the map: beyond it the old ones are dropped, or if there are none
// all, which costs one hybrid seal for each owner and nothing else.
const maxOwners = 10_000

// NewEpochs returns an empty set.
func NewEpochs() *Epochs { return &Epochs{now: map[seal.ID]*epoch{}} }

// For returns the epoch under which a message for owner is wrapped at now. The
// caller stores ID and Box with every message that uses it, unless they are there
// already: a message whose epoch was never stored would be lost.
func (s *Epochs) For(owner seal.ID, pub []byte, now time.Time) (Epoch, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	// An epoch is sealed to one public key: if the owner got another one in this minute,
	// a message under the old epoch would be lost for them.
	if e := s.now[owner]; e != nil && e.count < epochMessages && e.young(now) && bytes.Equal(e.pub, pub) {
		e.count++
		return e.Epoch, nil
	}
	key, err := seal.ParsePublicKey(pub)
	if err != nil {
		return Epoch{}, err
	}
	e := &epoch{Epoch: Epoch{Owner: owner, Key: seal.NewSecret(), Made: now}, pub: bytes.Clone(pub), count: 1}
	rand.Read(e.ID[:])
	if e.Box, err = seal.SealEpoch(key, owner, e.ID, e.Key); err != nil {
		return Epoch{}, err
	}
	if len(s.now) >= maxOwners {
		s.sweep(now)
	}
	s.now[owner] = e
	return e.Epoch, nil
}

// Forget drops the keys that are older than a minute. It is called by the clock, so
// that an epoch key does not stay in memory because nobody writes.
func (s *Epochs) Forget(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep(now)
}

func (s *Epochs) sweep(now time.Time) {
	for u, e := range s.now {
		if !e.young(now) {
			delete(s.now, u)
		}
	}
	if len(s.now) >= maxOwners {
		clear(s.now)
	}
}
