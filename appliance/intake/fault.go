package intake

import "slices"

// The faults are keys of sentences that tell a reader what was broken in a mail
// and had to be guessed. They stand in mail.Draft.Faults, each at most once.
const (
	FaultCharset   = "fault.charset"   // the stated character set is missing or wrong; another was guessed
	FaultBytes     = "fault.bytes"     // some characters cannot be read; they show as U+FFFD
	FaultEncoding  = "fault.encoding"  // base64 or quoted-printable is damaged
	FaultBoundary  = "fault.boundary"  // the borders between the parts are damaged
	FaultHeader    = "fault.header"    // a header line is damaged
	FaultDuplicate = "fault.duplicate" // a header line that may stand once stands twice
	FaultLine      = "fault.line"      // a line is longer than 998 bytes
	FaultOutside   = "fault.outside"   // there is text outside the parts; it is kept as a file
	FaultPart      = "fault.part"      // a part of unknown make; it is kept as a file as it came
	FaultName      = "fault.name"      // a file name was dangerous or broken and was changed
	FaultFrom      = "fault.from"      // the From line names another than the proven sender
	FaultSubject   = "fault.subject"   // the subject was too long and was cut
)

// Faults returns all fault keys, for the catalogues' test.
func Faults() []string {
	return []string{FaultCharset, FaultBytes, FaultEncoding, FaultBoundary, FaultHeader, FaultDuplicate,
		FaultLine, FaultOutside, FaultPart, FaultName, FaultFrom, FaultSubject}
}

type faults []string

func (f *faults) add(key string) {
	if len(*f) < maxFaults && !slices.Contains(*f, key) {
		*f = append(*f, key)
	}
}
