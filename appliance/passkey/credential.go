package passkey

import "slices"

// Credential is what is kept of a passkey. Nothing of it is secret, but it is somebody's:
// it is kept as personal data are.
type Credential struct {
	ID         []byte // 1 to 1,023 bytes, chosen by the passkey; belongs to one person only
	Public     []byte // COSE_Key (RFC 9052, 7) as it came, at most 1 KiB
	Count      uint32 // the highest count of its signatures so far; 0 if it does not count
	Eligible   bool   // may be copied to other devices by its maker; never changes
	BackedUp   bool   // was, when it was last used
	Transports []string
	AAGUID     [16]byte // names the make; zero if the passkey does not say. Nobody has vouched for it
	PRF        bool     // the browser says that it gives a secret
}

// Bounds of what is kept. The longest key that is taken, RSA of 4,096 bits, has some 530
// bytes.
const (
	maxID        = 1023 // 5.4.3: credential ids
	maxPublic    = 1 << 10
	maxTransport = 32
	transports   = 8
)

// ways returns of the transports that a browser names those that can be told to a browser
// again: words like "internal" or "smart-card". New ones are kept, as 5.8.4 wants it.
func ways(named []string) (list []string) {
	for _, w := range named {
		if w == "" || len(w) > maxTransport || slices.Contains(list, w) || len(list) == transports {
			continue
		}
		if !slices.ContainsFunc([]byte(w), func(b byte) bool { return b != '-' && (b < 'a' || b > 'z') && (b < '0' || b > '9') }) {
			list = append(list, w)
		}
	}
	return list
}
