package seal

// WrapKind says what the inner key of a wrap is (FORMAT.md, 4).
type WrapKind uint32

// The kinds; the numbers are the format's.
const (
	ByEpoch   WrapKind = 1
	ByMailbox WrapKind = 2
	ByGuest   WrapKind = 3
	ByPair    WrapKind = 4
	ByRepair  WrapKind = 5
	ByTransit WrapKind = 6
)

// WrapSize is the length of a wrap of every kind but ByPair.
const WrapSize = 32 + BoxOverhead

// PairWrapSize is the length of a wrap ByPair.
const PairWrapSize = 32 + HPKEOverhead + WrapSize

// Lock is all that it takes to open a wrap, and what the wrap is bound to. The two
// slot keys are inputs of every wrap: erasing SKh ends one holder, erasing SKm all.
type Lock struct {
	Kind                 WrapKind
	Message, Holder, Ref ID
	Inner, SKm, SKh      Secret
}

func (l Lock) context() Context {
	return NewContext("wrap").Number(uint32(l.Kind)).ID(l.Message).ID(l.Holder).ID(l.Ref)
}

// Wrap locks a content key. A lock in which a key is missing panics.
func (l Lock) Wrap(cek Secret) []byte {
	keyed(l.Inner, l.SKm, l.SKh, cek)
	ctx := l.context()
	return Box(Derive(ctx, l.Inner, l.SKm, l.SKh), ctx, cek.raw())
}

// Unwrap returns the content key, or ErrOpen.
func (l Lock) Unwrap(box []byte) (Secret, error) {
	// A zero key means that a slot was read as empty. It must never be taken for a
	// key, or an erased slot would be one that everybody knows.
	if len(box) != WrapSize || anyZero(l.Inner, l.SKm, l.SKh) {
		return Secret{}, ErrOpen
	}
	ctx := l.context()
	plain, err := Unbox(Derive(ctx, l.Inner, l.SKm, l.SKh), ctx, box)
	if err != nil {
		return Secret{}, err
	}
	return SecretOf(plain)
}

// WrapToPair locks a content key to a guest pair's public key. Inner is not used:
// it is made here and sealed to the pair.
func (l Lock) WrapToPair(pub PublicKey, cek Secret) ([]byte, error) {
	l.Kind, l.Inner = ByPair, NewSecret()
	sealed, err := pub.Seal(NewContext("pair", l.Message, l.Holder, l.Ref), l.Inner.raw())
	if err != nil {
		return nil, err
	}
	return append(sealed, l.Wrap(cek)...), nil
}

// UnwrapByPair opens what WrapToPair made.
func (l Lock) UnwrapByPair(key PrivateKey, box []byte) (Secret, error) {
	if len(box) != PairWrapSize || anyZero(l.SKm, l.SKh) {
		return Secret{}, ErrOpen
	}
	inner, err := key.Open(NewContext("pair", l.Message, l.Holder, l.Ref), box[:32+HPKEOverhead])
	if err != nil {
		return Secret{}, err
	}
	l.Kind = ByPair
	if l.Inner, err = SecretOf(inner); err != nil {
		return Secret{}, err
	}
	return l.Unwrap(box[32+HPKEOverhead:])
}
