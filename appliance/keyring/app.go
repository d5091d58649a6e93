package keyring

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"

	"sigill/appliance/seal"
)

// App has the keys that the appliance can use by itself. All are derived from
// K_app, each for one purpose (FORMAT.md, 7).
type App struct {
	kapp    seal.Secret
	salt    []byte
	meta    seal.Secret
	lookup  seal.Secret
	slots   seal.Secret
	link    seal.Secret
	transit seal.Secret
	journal seal.Secret
	session seal.Secret
	bounce  seal.Secret
	recover seal.Secret
	totp    seal.Secret
	held    seal.Secret
	drill   seal.Secret
	backup  seal.Secret
	spool   seal.Secret
}

// SaltSize is the length of the installation's salt: public, but different in
// every installation, so that nothing can be computed ahead for all of them.
const SaltSize = 16

// NewSalt returns a fresh salt.
func NewSalt() []byte {
	b := make([]byte, SaltSize)
	rand.Read(b)
	return b
}

// NewApp derives the appliance's keys from K_app and the installation's salt.
// Without K_app it panics.
func NewApp(kapp seal.Secret, salt []byte) *App {
	keyed(kapp)
	key := func(label string) seal.Secret {
		return seal.Derive(seal.NewContext("app").Text(label), kapp)
	}
	meta := key("meta")
	return &App{
		kapp:    kapp,
		salt:    append([]byte(nil), salt...),
		meta:    meta,
		lookup:  seal.Derive(seal.NewContext("lookup"), meta),
		slots:   key("slots"),
		link:    key("link"),
		transit: key("transit"),
		journal: key("journal"),
		session: key("session"),
		bounce:  key("bounce"),
		recover: key("recover"),
		totp:    key("totp"),
		held:    key("held"),
		drill:   key("drill"),
		backup:  key("backup"),
		spool:   key("spool"),
	}
}

// NoApp has keys that open nothing and that nobody has: those of an appliance that is locked.
// By it ends can be carried out, which need no key.
func NoApp() *App { return NewApp(seal.NewSecret(), NewSalt()) }

// Is reports whether a K_app is the one that these keys come from.
func (a *App) Is(kapp seal.Secret) bool { return a.kapp.Equal(kapp) }

// Meta is the half of every envelope's key that the slots do not hold.
func (a *App) Meta() seal.Secret { return a.meta }

// RecoveryLock is the lock of a seed's wrap by recovery code (FORMAT.md, 6). At 128
// random bits a slow hash would buy nothing.
func (a *App) RecoveryLock(code []byte) seal.Secret {
	return seal.DeriveBytes(seal.NewContext("recovery"), code, a.salt)
}

// Transit is the key of what leaves by channels outside the portal.
func (a *App) Transit() seal.Secret { return a.transit }

// JournalSeed is the Ed25519 seed by which checkpoints are signed.
func (a *App) JournalSeed() []byte { return a.journal.Bytes() }

// BounceKey signs the return addresses that the appliance makes.
func (a *App) BounceKey() []byte { return a.bounce.Bytes() }

// Lookup is the keyed hash by which an address is found. Without K_app it cannot be
// tried against a list of addresses.
func (a *App) Lookup(key string) [32]byte {
	h := hmac.New(sha256.New, a.lookup.Bytes())
	h.Write([]byte(key))
	return [32]byte(h.Sum(nil))
}

// Tag is a keyed hash for counters and the like, separated by purpose.
func (a *App) Tag(purpose, value string) []byte {
	k := seal.Derive(seal.NewContext("tag").Text(purpose), a.session)
	h := hmac.New(sha256.New, k.Bytes())
	h.Write([]byte(value))
	return h.Sum(nil)
}

// Who stands for a person in the journal. It hangs on K_app and on no slot: what people do
// to the organisation is kept for as long as the journal is. Nobody, the zero id, stays that.
func (a *App) Who(id seal.ID) (who [32]byte) {
	if id != (seal.ID{}) {
		copy(who[:], a.Tag("journal.who", string(id[:])))
	}
	return who
}

// box and unbox seal under K_meta what dies with K_app and not with a slot.
func (a *App) box(ctx seal.Context, plain []byte) []byte {
	return seal.Box(seal.Derive(ctx, a.meta), ctx, plain)
}

func (a *App) unbox(ctx seal.Context, box []byte) ([]byte, error) {
	return seal.Unbox(seal.Derive(ctx, a.meta), ctx, box)
}

// SealProfile seals what is known of a person of the house. It dies with K_app, not
// with a slot: people are not messages.
func (a *App) SealProfile(u seal.ID, plain []byte) []byte {
	ctx := seal.NewContext("person", u)
	return a.box(ctx, plain)
}

// OpenProfile opens what SealProfile sealed.
func (a *App) OpenProfile(u seal.ID, box []byte) ([]byte, error) {
	ctx := seal.NewContext("person", u)
	return a.unbox(ctx, box)
}

// SealUnit seals what a unit of the organisation is called. It dies with K_app.
func (a *App) SealUnit(u seal.ID, plain []byte) []byte {
	ctx := seal.NewContext("unit", u)
	return a.box(ctx, plain)
}

// OpenUnit opens what SealUnit sealed.
func (a *App) OpenUnit(u seal.ID, box []byte) ([]byte, error) {
	ctx := seal.NewContext("unit", u)
	return a.unbox(ctx, box)
}

// SealBrand seals what a unit says of itself. It dies with K_app.
func (a *App) SealBrand(u seal.ID, plain []byte) []byte {
	ctx := seal.NewContext("brand", u)
	return a.box(ctx, plain)
}

// OpenBrand opens what SealBrand sealed.
func (a *App) OpenBrand(u seal.ID, box []byte) ([]byte, error) {
	ctx := seal.NewContext("brand", u)
	return a.unbox(ctx, box)
}

// SealListed seals somebody in a unit's contact list. It dies with K_app.
func (a *App) SealListed(id seal.ID, plain []byte) []byte {
	ctx := seal.NewContext("listed", id)
	return a.box(ctx, plain)
}

// OpenListed opens what SealListed sealed.
func (a *App) OpenListed(id seal.ID, box []byte) ([]byte, error) {
	ctx := seal.NewContext("listed", id)
	return a.unbox(ctx, box)
}

// SealTemplate seals a template of a unit's. It dies with K_app.
func (a *App) SealTemplate(id seal.ID, plain []byte) []byte {
	return a.box(seal.NewContext("template", id), plain)
}

// OpenTemplate opens what SealTemplate sealed.
func (a *App) OpenTemplate(id seal.ID, box []byte) ([]byte, error) {
	return a.unbox(seal.NewContext("template", id), box)
}

// SealSignature seals what stands below a unit's or a person's letters. It dies with K_app.
func (a *App) SealSignature(owner seal.ID, plain []byte) []byte {
	return a.box(seal.NewContext("signature", owner), plain)
}

// OpenSignature opens what SealSignature sealed.
func (a *App) OpenSignature(owner seal.ID, box []byte) ([]byte, error) {
	return a.unbox(seal.NewContext("signature", owner), box)
}

// SealDirectory seals how the last reading of the directory went. It dies with K_app.
func (a *App) SealDirectory(plain []byte) []byte {
	return a.box(seal.NewContext("directory"), plain)
}

// OpenDirectory opens what SealDirectory sealed.
func (a *App) OpenDirectory(box []byte) ([]byte, error) {
	return a.unbox(seal.NewContext("directory"), box)
}

// SealContact seals the number last used for an address, bound to its lookup hash.
func (a *App) SealContact(lookup [32]byte, plain []byte) []byte {
	ctx := seal.NewContext("contact").Text(string(lookup[:]))
	return a.box(ctx, plain)
}

// OpenContact opens what SealContact sealed.
func (a *App) OpenContact(lookup [32]byte, box []byte) ([]byte, error) {
	ctx := seal.NewContext("contact").Text(string(lookup[:]))
	return a.unbox(ctx, box)
}

// SealOutgoing seals a row of the outbox. The key skl stands in link.slots and is
// erased when the next server has taken the mail; from then on nobody has the code.
func (a *App) SealOutgoing(skl seal.Secret, id seal.ID, plain []byte) []byte {
	keyed(skl)
	ctx := seal.NewContext("outbox", id)
	return seal.Box(seal.Derive(ctx, skl, a.link), ctx, plain)
}

// OpenOutgoing opens what SealOutgoing sealed.
func (a *App) OpenOutgoing(skl seal.Secret, id seal.ID, box []byte) ([]byte, error) {
	if skl.IsZero() {
		return nil, seal.ErrOpen
	}
	ctx := seal.NewContext("outbox", id)
	return seal.Unbox(seal.Derive(ctx, skl, a.link), ctx, box)
}

// keyed stops a caller who is about to seal under a slot that was read as empty: it
// cannot be, unless an error was overlooked, and then everybody could open it.
func keyed(keys ...seal.Secret) {
	for _, k := range keys {
		if k.IsZero() {
			panic("keyring: internal: sealing without a key")
		}
	}
}
