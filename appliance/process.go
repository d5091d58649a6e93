package appliance

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
)

// The collector lets garbage grow to one and a half times what is in use, as long as all
// together stays below memory, in bytes: so little is in use that it would run all the
// time else. It is a wish, not a limit: what is in use stays in use.
const (
	memory  = 56 << 20
	garbage = 150 // percent
)

// TuneProcess sets what belongs to the whole process, which is ours alone when it
// serves. Operators' GOGC, GOMEMLIMIT and GOMAXPROCS go before it.
//
// Two more threads than processors run Go code, because two Argon2id may always be
// under way (keyring.Stretcher): with none to spare, every page would wait for one of
// them to be interrupted, 10 ms or more. The kernel shares the processors more finely.
func TuneProcess() {
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(runtime.NumCPU() + stretchers)
	}
	if debug.SetMemoryLimit(-1) == math.MaxInt64 {
		debug.SetMemoryLimit(memory)
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbage)
	}
}

// room moves the collector's limit while Argon2id takes memory, if it is ours: the
// collector would run all the time against what cannot be collected, and every page
// would wait for it.
func room(bytes int64) {
	if now := debug.SetMemoryLimit(-1); now != math.MaxInt64 && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(now + bytes)
	}
}
