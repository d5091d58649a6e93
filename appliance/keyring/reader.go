package keyring

import (
	"sync"

	"sigill/appliance/seal"
)

// Reader is what somebody has proved, turned into keys: a *Person or a *Guest. It
// lives in memory, with the session.
type Reader interface{ reader() }

// Person is a signed-in person's keys.
type Person struct {
	ID      seal.ID
	seed    seal.Secret
	key     seal.PrivateKey
	mailbox seal.Secret

	mu     sync.Mutex
	epochs map[seal.ID]seal.Secret
	// Opened generations. The caller asks for one only after it has found the person's
	// wrap of it: who has left a mailbox has none, and the key here is of no use.
	generations map[seal.ID]*Person
}

// maxEpochs bounds the opened epoch keys that a session keeps: 4,096 of them are 4
// million messages at best and 128 KiB of memory.
const maxEpochs = 4096

// maxGenerations bounds the opened keys of function mailboxes that a session keeps.
const maxGenerations = 1000

func (*Person) reader() {}

// NewPerson expands a person's seed.
func NewPerson(u seal.ID, seed seal.Secret) *Person {
	return &Person{
		ID:      u,
		seed:    seed,
		key:     seal.PrivateKeyOf(seed),
		mailbox: seal.Derive(seal.NewContext("mailbox", u), seed),
		epochs:  map[seal.ID]seal.Secret{},
	}
}

// Seed returns the seed, to lock it anew under another password.
func (p *Person) Seed() seal.Secret { return p.seed }

// Mailbox returns K_U, under which wraps stand from the first sight on.
func (p *Person) Mailbox() seal.Secret { return p.mailbox }

// Epoch opens an epoch key; a second call for the same epoch costs nothing.
func (p *Person) Epoch(e seal.ID, box []byte) (seal.Secret, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if k, ok := p.epochs[e]; ok {
		return k, nil
	}
	k, err := seal.OpenEpoch(p.key, p.ID, e, box)
	if err != nil {
		return seal.Secret{}, err
	}
	if len(p.epochs) >= maxEpochs {
		clear(p.epochs)
	}
	p.epochs[e] = k
	return k, nil
}

// Generation opens a generation of a function mailbox that was locked for this person
// (FORMAT.md, 6). Its keys are used as a person's are, with the generation's id.
func (p *Person) Generation(g seal.ID, sw seal.Secret, box []byte) (*Person, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if k, ok := p.generations[g]; ok {
		return k, nil
	}
	seed, err := OpenSeedBy(SeedByMember, p.key, g, sw, box)
	if err != nil {
		return nil, err
	}
	if p.generations == nil || len(p.generations) >= maxGenerations {
		p.generations = map[seal.ID]*Person{}
	}
	k := NewPerson(g, seed)
	p.generations[g] = k
	return k, nil
}

// HelpSeed opens, with a helper pair's keys, the seed of somebody for whom it was locked,
// and makes sure that it is this person's. It does not stay here. The error is ErrOpen.
func (p *Person) HelpSeed(u seal.ID, pub seal.PublicKey, sw seal.Secret, box []byte) (seal.Secret, error) {
	seed, err := OpenSeedBy(SeedByHelper, p.key, u, sw, box)
	if err != nil || !isSeedOf(seed, pub) {
		return seal.Secret{}, seal.ErrOpen
	}
	return seed, nil
}

// Guest is the keys of a reader who has shown a code and a proof.
type Guest struct {
	Code   seal.ID
	secret CodeSecret
	sg     seal.Secret
}

func (*Guest) reader() {}

// NewGuest joins what the reader brought and what the server released.
func NewGuest(code seal.ID, secret CodeSecret, sg seal.Secret) *Guest {
	return &Guest{Code: code, secret: secret, sg: sg}
}

// Inner is the inner key of wraps by this code.
func (g *Guest) Inner() seal.Secret { return g.secret.Inner(g.Code, g.sg) }

// Pair opens the guest's key pair for a thread.
func (g *Guest) Pair(id seal.ID, box []byte) (seal.PrivateKey, error) {
	seed, err := g.secret.OpenPair(id, g.Code, g.sg, box)
	if err != nil {
		return seal.PrivateKey{}, err
	}
	return seal.PrivateKeyOf(seed), nil
}

// NewPair makes a key pair for a thread: its public key and its seed, locked.
func (g *Guest) NewPair(id seal.ID) (seal.PublicKey, []byte) {
	seed := seal.NewSecret()
	return seal.PrivateKeyOf(seed).Public(), g.secret.SealPair(id, g.Code, g.sg, seed)
}
