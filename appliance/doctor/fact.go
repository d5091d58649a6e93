package doctor

import "time"

// The facts from which findings are made. Sizes are in bytes, times in UTC; the zero time is
// never, or not known, as each says.

// DiskFact is where the store lies.
type DiskFact struct {
	Free, All int64
	FS        string   // "ext4"
	InPlace   bool     // overwriting reaches the blocks of old, as far as the file system decides
	Doubts    []string // erase.Fault, in words of the catalogue "medium."
}

// ClockFact is how far the clock can be believed.
type ClockFact struct {
	Held   bool          // it has leapt ahead; no letter ends
	Behind bool          // it was set back; no mail is taken
	Ahead  time.Duration // by how much
	// Synced says whether the kernel's clock follows another; Known whether that could be asked.
	Synced, Known bool
}

// CertificateFact is a certificate that a door shows.
type CertificateFact struct {
	Of     string // "web" or "smtp"
	Names  []string
	Host   string // that it must be good for
	Begins time.Time
	Ends   time.Time
	// SelfSigned: it is signed by an authority of the appliance's own, which no browser knows.
	SelfSigned bool
	// Renews: it is renewed by itself (ACME), so that little time left is a fault earlier.
	Renews bool
	// Failed is when renewing it, or reading it anew, first failed, and has not gone well since.
	Failed time.Time
}

// QueueFact is what waits to go out.
type QueueFact struct {
	Down    time.Time // since when the smarthost cannot be used; zero: it can
	Detail  string    // why, a word of the courier's
	Waiting int64     // mails
	Oldest  time.Time // of those; zero: none
}

// SMSFact is how SMS go.
type SMSFact struct {
	Gateways int       // configured
	Down     time.Time // since when none takes an SMS; zero: they do, as far as known
	Sent     int64     // today
	Most     int64     // a day
	Accounts []BalanceFact
}

// BalanceFact is the account at one provider of SMS that tells what is left.
type BalanceFact struct {
	Provider string
	Known    bool  // it has answered
	Left     int64 // in millionths of Currency
	Currency string
	// PerDay is what all SMS cost on a day, on average over the last week, whoever carried
	// them: whether this account lasts matters most when it has to carry all. 0: not known.
	PerDay int64
}

// BackupFact is one backup target.
type BackupFact struct {
	Name   string
	Last   time.Time     // when a backup was last whole there; zero: never
	Every  time.Duration // how often one should be
	Failed time.Time     // since when they fail; zero: the last went well
	Drill  time.Time     // when one was last restored for trial; zero: never
	Since  time.Time     // when the target was configured
	// Fault is the word for why writing there fails; see backupStopped for those that the doctor
	// knows by it. "": it does not fail.
	Fault     string
	Damaged   bool // something was unreadable when everything was last read
	Undrilled bool // it could not be restored at the last trial
}

// CustodyFact is how the keys are kept.
type CustodyFact struct {
	Lies      bool      // the recovery kit's files are still on this machine
	Practised time.Time // when the recovery kit was last practised with; zero: never
	Founded   time.Time // when it was made
	Mode      string    // "file", "credential", "tpm", "passphrase" or "tang"
	Opens     int       // people whose keys the server can open by itself
}

// PeopleFact is who runs the machine, and how many it serves.
type PeopleFact struct {
	Administrators int
	People         int
}

// UpdateFact is which version runs, and which could.
type UpdateFact struct {
	Running string
	Newest  string    // "" if nothing newer is known
	Checked time.Time // when that was last asked; zero: never
	Since   time.Time // when Newest was first seen
	Failed  bool      // the last update went back by itself
	Sourced bool      // there is a source to look at
	// Expired: nobody has signed what is newest at the source for so long that it counts no more.
	// Refused: what is there is not taken for another reason, or the source cannot be read.
	Expired, Refused bool
}

// CareFact is what the machine does of itself.
type CareFact struct {
	Failed   []string  // jobs that have failed twice in a row or more: their names
	Unsigned time.Time // when the journal was last signed, if entries have waited for it since; zero: they have not
	Changed  bool      // the configuration file says something else than what runs
	Broken   bool      // and the appliance would not begin with it
}

// CanaryFact is how the nightly letter through the real path went.
type CanaryFact struct {
	On   bool
	Last time.Time // when it last came all the way; zero: never
	Hop  string    // at which step it last broke, from 1; "" if it did not
	At   time.Time // when that was
}

// HostFact is the machine below the service.
type HostFact struct {
	Memory     int64 // bytes that this service may have: the machine's, or its group's
	Processors int   // that it may use
	Swap       int64 // bytes of swap in the machine
	SwapMost   int64 // that this service may use of it; -1: no bound
	CoreMost   int64 // bytes of a core dump; -1: no bound
	// Root says that the facts are of another process's account: what holds for the service
	// itself (SwapMost, CoreMost) is not known.
	Root bool
}

// ModeFact is a file or directory that others could read or change, or that is not there.
type ModeFact struct {
	Of   string // "data", "keys", "config" or "secrets"
	Path string
	Mode uint32 // permission bits
	Want uint32
	// Owner is whose it is, by number. Ours are those whose it may be: the service's account
	// and root's. Without any it is not asked.
	Owner uint32
	Ours  []uint32
}
