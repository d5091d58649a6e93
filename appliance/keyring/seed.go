package keyring

import (
	"context"
	"crypto/rand"
	"sync"

	"golang.org/x/crypto/argon2"

	"sigill/appliance/seal"
)

// SeedKind says under which lock a wrap of a seed stands (FORMAT.md, 6).
type SeedKind uint32

// The kinds; the numbers are the format's.
const (
	SeedByPassword     SeedKind = 1
	SeedByRecoveryCode SeedKind = 2
	SeedByRecoveryKey  SeedKind = 3
	SeedByHelper       SeedKind = 4
	SeedByInvitation   SeedKind = 5
	SeedByMember       SeedKind = 6 // of a function mailbox's generation
	SeedByPasskey      SeedKind = 7
	SeedByServer       SeedKind = 8
)

// Cost is what one Argon2id takes (RFC 9106, 3.1). What was stretched at one cost opens
// at no other, and the cost stands in no wrap: an installation has one for good.
type Cost struct {
	Passes uint32 // from 1
	Memory uint32 // KiB, from 8
}

// DefaultCost is every installation's: 64 MiB and three passes, so that who has the
// whole machine still pays that for every guess at a password.
var DefaultCost = Cost{Passes: 3, Memory: StretchMemory >> 10}

// StretchMemory is what an Argon2id of the default cost takes, in bytes.
const StretchMemory = 64 << 20

const (
	argonThreads = 1
	passwordSalt = 16
)

// PasswordBoxSize is the length of what SealSeedByPassword makes, in bytes.
const PasswordBoxSize = passwordSalt + seal.WrapSize

// Stretcher runs Argon2id for at most a few callers at once, so that a storm of
// sign-ins takes neither the memory nor the processors from everybody else.
type Stretcher struct {
	cost Cost
	free chan struct{}
	mu   sync.Mutex
	n    int // under way
	busy func(n int)
}

// NewStretcher returns a Stretcher with room for n at once, at least for one; 2 is
// meant. The cost is DefaultCost but in tests, whose passwords guard nothing. busy is told, one call at a time, how many are under way whenever that
// changes; it may be nil.
func NewStretcher(cost Cost, n int, busy func(n int)) *Stretcher {
	if busy == nil {
		busy = func(int) {}
	}
	return &Stretcher{cost: cost, free: make(chan struct{}, max(n, 1)), busy: busy}
}

// Stretch returns Argon2id of a password. It waits for its turn; the error is
// ctx's.
func (s *Stretcher) Stretch(ctx context.Context, password, salt []byte) (seal.Secret, error) {
	if err := ctx.Err(); err != nil {
		return seal.Secret{}, err // select would choose at random, and stretch for nobody
	}
	select {
	case s.free <- struct{}{}:
	case <-ctx.Done():
		return seal.Secret{}, ctx.Err()
	}
	s.begin()
	defer s.done()
	return seal.SecretOf(argon2.IDKey(password, salt, s.cost.Passes, s.cost.Memory, argonThreads, 32))
}

func (s *Stretcher) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n++
	s.busy(s.n)
}

func (s *Stretcher) done() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n--
	s.busy(s.n)
	<-s.free
}

func seedContext(kind SeedKind, u seal.ID) seal.Context {
	return seal.NewContext("seed").Number(uint32(kind)).ID(u)
}

// SealSeed locks a person's seed under lock and the slot's key sw: kinds 2, 5, 7 and 8.
func SealSeed(kind SeedKind, u seal.ID, lock, sw, seed seal.Secret) []byte {
	keyed(lock, sw, seed)
	ctx := seedContext(kind, u)
	return seal.Box(seal.Derive(ctx, lock, sw), ctx, seed.Bytes())
}

// OpenSeed opens what SealSeed locked, or gives ErrOpen.
func OpenSeed(kind SeedKind, u seal.ID, lock, sw seal.Secret, box []byte) (seal.Secret, error) {
	if sw.IsZero() || lock.IsZero() {
		return seal.Secret{}, seal.ErrOpen // an erased slot is not a key
	}
	ctx := seedContext(kind, u)
	b, err := seal.Unbox(seal.Derive(ctx, lock, sw), ctx, box)
	if err != nil {
		return seal.Secret{}, err
	}
	return seal.SecretOf(b)
}

// SealSeedByPassword stretches the password with a fresh salt and locks the seed.
func (s *Stretcher) SealSeedByPassword(ctx context.Context, u seal.ID, password []byte, sw, seed seal.Secret) ([]byte, error) {
	salt := make([]byte, passwordSalt)
	rand.Read(salt)
	lock, err := s.Stretch(ctx, password, salt)
	if err != nil {
		return nil, err
	}
	return append(salt, SealSeed(SeedByPassword, u, lock, sw, seed)...), nil
}

// OpenSeedByPassword opens what SealSeedByPassword locked. A wrong password is
// ErrOpen; so is a box that is none, after the same work, so that an account which
// does not exist takes as long as one that does.
func (s *Stretcher) OpenSeedByPassword(ctx context.Context, u seal.ID, password []byte, sw seal.Secret, box []byte) (seal.Secret, error) {
	lock, err := s.PasswordLock(ctx, password, box)
	if err != nil {
		return seal.Secret{}, err
	}
	return OpenSeedByLock(u, lock, sw, box)
}

// PasswordLock stretches a password with the salt of a box that SealSeedByPassword
// made. By itself the lock opens nothing, and of a box that is none it is as dear.
func (s *Stretcher) PasswordLock(ctx context.Context, password, box []byte) (seal.Secret, error) {
	salt := make([]byte, passwordSalt)
	copy(salt, box)
	return s.Stretch(ctx, password, salt)
}

// OpenSeedByLock opens what SealSeedByPassword locked, with the lock that PasswordLock
// gave, or gives ErrOpen.
func OpenSeedByLock(u seal.ID, lock, sw seal.Secret, box []byte) (seal.Secret, error) {
	if len(box) < passwordSalt {
		return seal.Secret{}, seal.ErrOpen
	}
	return OpenSeed(SeedByPassword, u, lock, sw, box[passwordSalt:])
}

// SealSeedTo locks a seed to a custodian's public key, or a generation's to a member's:
// kinds 3, 4 and 6. The slot's key
// stands outside and makes the wrap forgettable; HPKE makes it secret.
func SealSeedTo(kind SeedKind, pub seal.PublicKey, u seal.ID, sw, seed seal.Secret) ([]byte, error) {
	keyed(sw, seed)
	ctx := seedContext(kind, u)
	inner, err := pub.Seal(ctx, seed.Bytes())
	if err != nil {
		return nil, err
	}
	return seal.Box(seal.Derive(ctx, seal.Secret{}, sw), ctx, inner), nil
}

// OpenSeedBy opens what SealSeedTo locked.
func OpenSeedBy(kind SeedKind, key seal.PrivateKey, u seal.ID, sw seal.Secret, box []byte) (seal.Secret, error) {
	if sw.IsZero() {
		return seal.Secret{}, seal.ErrOpen
	}
	ctx := seedContext(kind, u)
	inner, err := seal.Unbox(seal.Derive(ctx, seal.Secret{}, sw), ctx, box)
	if err != nil {
		return seal.Secret{}, err
	}
	b, err := key.Open(ctx, inner)
	if err != nil {
		return seal.Secret{}, err
	}
	return seal.SecretOf(b)
}
