package keyring

import (
	"crypto/rand"
	"errors"
	"fmt"
	"slices"

	"github.com/cloudflare/circl/group"
	"github.com/cloudflare/circl/secretsharing"

	"sigill/appliance/seal"
)

// Sharing says how R is shared: any Need of the Of shares give it, fewer tell nothing
// of it. The zero value is that of a kit from before there were shares.
type Sharing struct{ Need, Of int }

// DefaultSharing is 2 of 3: one custodian may be away or have lost a share, and none
// can do anything alone.
var DefaultSharing = Sharing{2, 3}

// Whole is R on one sheet.
var Whole = Sharing{1, 1}

// maxShares bounds the sheets of paper that a house can look after.
const maxShares = 5

// NewSharing returns need of of: 2 or 3 of at most 5, and of more than are needed, so
// that a share may be lost; or 1 of 1.
func NewSharing(need, of int) (Sharing, error) {
	s := Sharing{need, of}
	if s == Whole || need >= 2 && need <= 3 && need < of && of <= maxShares {
		return s, nil
	}
	return Sharing{}, fmt.Errorf("%d of %d shares: 2 of 3 to 5, 3 of 4 or 5, or 1 of 1", need, of)
}

// String writes it as "2/3".
func (s Sharing) String() string { return fmt.Sprintf("%d/%d", s.Need, s.Of) }

// ParseSharing reads what String wrote.
func ParseSharing(text string) (Sharing, error) {
	var need, of int
	if len(text) != 3 {
		return Sharing{}, errors.New("shares: not of the form 2/3")
	}
	if _, err := fmt.Sscanf(text, "%1d/%1d", &need, &of); err != nil {
		return Sharing{}, errors.New("shares: not of the form 2/3")
	}
	return NewSharing(need, of)
}

// The field in which R is shared: the scalars of P-256, 32 bytes each, all canonical.
// Only its arithmetic is used. Feldman's commitments, which the library has too, are
// not: they are discrete logarithms, and R is to outlast those.
var field = group.P256

// newScalar returns a random scalar but zero.
func newScalar() seal.Secret { return secretOf(field.RandomNonZeroScalar(rand.Reader)) }

func secretOf(s group.Scalar) seal.Secret {
	b, err := s.MarshalBinary()
	if err != nil {
		panic("keyring: internal: " + err.Error())
	}
	v, err := seal.SecretOf(b)
	if err != nil {
		panic("keyring: internal: a scalar is not 32 bytes")
	}
	return v
}

// scalarOf is an error for 32 bytes that are not less than the order: no share of ours
// has ever been one.
func scalarOf(v seal.Secret) (group.Scalar, error) {
	s := field.NewScalar()
	return s, s.UnmarshalBinary(v.Bytes())
}

// split returns the values of the shares 1 to Of.
func (s Sharing) split(root seal.Secret) []seal.Secret {
	secret, err := scalarOf(root)
	if err != nil {
		panic("keyring: internal: " + err.Error())
	}
	var list []seal.Secret
	for _, share := range secretsharing.New(rand.Reader, uint(s.Need-1), secret).Share(uint(s.Of)) {
		list = append(list, secretOf(share.Value))
	}
	return list
}

// ErrTooFew is all that is wrong with shares that go together.
var ErrTooFew = errors.New("too few shares")

// Combine joins shares. It takes more than are needed, and then holds each of them
// against the others. The errors say in words which page is wrong and how; they quote
// nothing of it.
func Combine(pages []Page) (Custody, error) {
	if len(pages) == 1 && pages[0].Kind == PageIdentity {
		return Custody{Recovery: pages[0].secret}, nil // a kit from before there were shares
	}
	if err := alike(pages); err != nil {
		return Custody{}, err
	}
	need := pages[0].Sharing.Need
	root, err := interpolate(pages[:need])
	if err != nil {
		return Custody{}, err
	}
	for i := need; i < len(pages); i++ {
		other, err := interpolate(append(slices.Clone(pages[:need-1]), pages[i]))
		if err != nil {
			return Custody{}, err
		}
		if !other.Equal(root) {
			return Custody{}, fmt.Errorf("share %d does not fit the others: one of them is of another kit", pages[i].Number)
		}
	}
	return custodyOf(root), nil
}

// alike holds against each other what is printed beside the shares' values.
func alike(pages []Page) error {
	if len(pages) == 0 {
		return errors.New("no share was given")
	}
	first, seen := pages[0], map[int]bool{}
	for _, p := range pages {
		switch {
		case p.Kind != PageShare:
			return errors.New("a page that is no share was given among the shares")
		case p.Installation != first.Installation:
			return fmt.Errorf("share %d is of the installation %s, share %d of %s", first.Number, first.Installation, p.Number, p.Installation)
		case p.Sharing != first.Sharing:
			return fmt.Errorf("share %d is one of %s, share %d one of %s: they are of two kits", first.Number, first.Sharing, p.Number, p.Sharing)
		case seen[p.Number]:
			return fmt.Errorf("share %d was given twice", p.Number)
		}
		seen[p.Number] = true
	}
	if len(pages) < first.Sharing.Need {
		return fmt.Errorf("%w: %d are needed, and only %d was given", ErrTooFew, first.Sharing.Need, len(pages))
	}
	return nil
}

func interpolate(pages []Page) (seal.Secret, error) {
	shares := make([]secretsharing.Share, len(pages))
	for i, p := range pages {
		v, err := scalarOf(p.secret)
		if err != nil {
			return seal.Secret{}, fmt.Errorf("share %d is none that was ever made", p.Number)
		}
		shares[i] = secretsharing.Share{ID: field.NewScalar().SetUint64(uint64(p.Number)), Value: v}
	}
	root, err := secretsharing.Recover(uint(len(pages)-1), shares)
	if err != nil || root.IsZero() {
		return seal.Secret{}, errors.New("the shares do not belong together")
	}
	return secretOf(root), nil
}
