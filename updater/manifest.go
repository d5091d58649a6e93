package updater

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/mod/semver"
)

// Refusal is why a bundle is not taken. The words are constants: pages and scripts know them.
type Refusal string

// The refusals.
const (
	Damaged  Refusal = "damaged"  // no bundle, or one that was cut short or changed
	Unsigned Refusal = "unsigned" // two of the keys have not signed it
	NoKeys   Refusal = "nokeys"   // nobody's signature counts here
	Platform Refusal = "platform" // for another kind of computer
	Older    Refusal = "older"    // not above the version that runs
	Replayed Refusal = "replayed" // the same keys have signed a newer one before
	TooFar   Refusal = "toofar"   // another version must be taken in between
	Expired  Refusal = "expired"  // nobody has said for long that this is the newest
	NoRoom   Refusal = "noroom"   // the disk is too full
)

// Error says what is wrong, for the operator.
func (r Refusal) Error() string {
	switch r {
	case Damaged:
		return "this is no bundle, or it is damaged"
	case Unsigned:
		return "two of the three keys that count here have not signed it"
	case NoKeys:
		return "no keys are known whose signatures would count: name three in update.keys"
	case Platform:
		return "it is for another kind of computer"
	case Older:
		return "it is not newer than the version that runs"
	case Replayed:
		return "a newer one was signed by the same keys before"
	case TooFar:
		return "another version must be taken in between"
	case Expired:
		return "it is over: nobody has said lately that it is the newest"
	case NoRoom:
		return "there is not enough room on the disk"
	}
	return "refused: " + string(r)
}

// Manifest is what is signed of a release; see FORMAT.md.
type Manifest struct {
	Format   int       `json:"format"`
	Version  string    `json:"version"`
	MinFrom  string    `json:"min_from"`
	Platform string    `json:"platform"`
	SHA256   string    `json:"sha256"`
	Size     int64     `json:"size"`
	Issued   time.Time `json:"issued"`
	Expires  time.Time `json:"expires"`
	Notes    string    `json:"notes"`
}

// What is the most of each, in bytes.
const (
	maxManifest  = 64 << 10
	maxSignature = 4 << 10
	maxProgram   = 512 << 20
	maxNotes     = 4 << 10
	maxVersion   = 100
)

// parseManifest reads the JSON of a manifest whose signatures hold.
func parseManifest(text []byte) (m Manifest, err error) {
	if err := json.Unmarshal(text, &m); err != nil {
		return m, Damaged
	}
	sum, err := hex.DecodeString(m.SHA256)
	good := err == nil && len(sum) == sha256.Size && strings.ToLower(m.SHA256) == m.SHA256 &&
		m.Format == 1 && IsVersion(m.Version) && IsVersion(m.MinFrom) && m.Platform != "" &&
		m.Size > 0 && m.Size <= maxProgram && m.Expires.After(m.Issued) && plainText(m.Notes)
	if !good {
		return m, Damaged
	}
	return m, nil
}

// plainText holds what people are shown: printable lines.
func plainText(s string) bool {
	return len(s) <= maxNotes && utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) })
}

// comment is the trusted comment of its signatures.
func (m Manifest) comment() string { return "sigill " + m.Version + " " + m.Platform }

// IsVersion reports whether s is MAJOR.MINOR.PATCH.
func IsVersion(s string) bool {
	return len(s) <= maxVersion && semver.IsValid("v"+s) && strings.Count(strings.SplitN(s, "-", 2)[0], ".") == 2
}

// newer reports whether version a is above b. A program that has no version of that form, as
// who builds their own may have, counts as 0.0.0.
func newer(a, b string) bool { return semver.Compare(counted(a), counted(b)) > 0 }

func counted(version string) string {
	if !IsVersion(version) {
		return "v0.0.0"
	}
	return "v" + version
}

// Here is what a manifest is held against.
type Here struct {
	Version  string // of the program that runs
	Platform string
	Seen     Seen
	Now      time.Time
	Believed bool // the clock; else no end is judged
	Over     bool // an administrator takes it though it is over
}

// judge says whether what these keys have signed may be taken here.
func (m Manifest) judge(by []Signature, h Here) error {
	switch {
	case m.Platform != h.Platform:
		return Platform
	case !newer(m.Version, h.Version):
		return Older
	case newer(m.MinFrom, h.Version):
		return TooFar
	case h.Seen.above(m, by):
		return Replayed
	case m.Over(h) && !h.Over:
		return Expired
	}
	return nil
}

// Over reports whether its time is over, as far as the clock can be believed.
func (m Manifest) Over(h Here) bool { return h.Believed && h.Now.After(m.Expires) }
