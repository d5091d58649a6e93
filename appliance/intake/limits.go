package intake

// Limits bound what is read. They are checked before or while reading, never after.
type Limits struct {
	Bytes      int64 // of the whole mail
	Parts      int   // leaves and multiparts together
	Depth      int   // multiparts within each other
	Header     int   // bytes of one header block, the mail's or a part's
	Recipients int   // RCPT TO of one mail
}

// DefaultLimits returns what the contract says: 100 MiB, 200 parts, depth 20,
// headers of 64 KiB, 500 recipients.
func DefaultLimits() Limits {
	return Limits{Bytes: 100 << 20, Parts: 200, Depth: 20, Header: 64 << 10, Recipients: 500}
}

const (
	maxDashes  = 1000 // lines that begin with "--": each could be a boundary
	maxLine    = 998  // RFC 5322, 2.1.1; longer ones are flagged
	maxSubject = 1000 // characters of a subject
	maxName    = 200  // characters of a display name
	maxFaults  = 20
)
