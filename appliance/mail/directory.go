package mail

import "time"

// DirectoryEntry is a person as a directory of the house, such as Active Directory, says
// it. Nothing of it is checked but its size: each text has at most MaxDirectoryText bytes,
// and is UTF-8.
type DirectoryEntry struct {
	ID         string   // stays when name, place and address change; at most 64 bytes, maybe binary; "": none
	Address    string   // "": none
	Name       string   // "": none
	Units      []string // names of departments from the top; empty: none
	CostCentre string   // "": none
	Disabled   bool     // may not sign in there
}

// MaxDirectoryText is the longest text of a DirectoryEntry, in bytes: more than anything
// may have that is taken.
const MaxDirectoryText = 1000

// DirectoryPerson is what is kept of a directory's entry beside the person: so somebody
// with another address or name is known again.
type DirectoryPerson struct {
	ID     [32]byte // keyed hash of DirectoryEntry.ID
	Person ID
	Name   [32]byte // keyed hashes of what the directory last said
	Units  [32]byte
	Out    time.Time // since when it keeps the person out; zero: it does not
}

// DirectoryRun is how the last reading went.
type DirectoryRun struct {
	At  time.Time
	Box Box // sealed under K_meta
}
