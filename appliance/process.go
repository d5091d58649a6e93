package appliance

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"

	"sigill/appliance/keyring"
)

// The collector lets garbage grow to one and a half times what is in use, as long as all
// together stays below memory, in bytes: so little is in use that it would run all the
// time else. It is a wish, not a limit: what is in use stays in use.
const (
	memory  = 56 << 20
	garbage = 150 // percent
)

// TuneProcess sets what belongs to the whole process, which is ours alone when it
// serves. Operators' GOGC and GOMEMLIMIT go before it.
func TuneProcess() {
	if debug.SetMemoryLimit(-1) == math.MaxInt64 {
		debug.SetMemoryLimit(memory)
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbage)
	}
}

// yieldMemory returns memory that nobody uses to the system, in a process that is ours: a
// test's would collect for each of its hundreds of appliances.
func yieldMemory() {
	if debug.SetMemoryLimit(-1) != math.MaxInt64 {
		debug.FreeOSMemory()
		_ = unmapProgram() // of a kernel that will not, the pages stay
	}
}

// whileStretching returns what makes room for n Argon2id in a process that is ours.
//
// Memory: the collector would run all the time against what cannot be collected.
// Threads: with none to spare, every page would wait for an Argon2id to be
// interrupted, 10 ms or more; the kernel shares the processors more finely. But more
// threads than processors cost a third of all mails, so they are there only then.
//
// Once nobody stretches any more the memory goes back: it would else be the process's
// for minutes, with traces of passwords in it.
func whileStretching() func(n int) {
	limit, threads := debug.SetMemoryLimit(-1), runtime.GOMAXPROCS(0)
	if limit == math.MaxInt64 {
		return nil // not ours: a test's
	}
	return func(n int) {
		if os.Getenv("GOMEMLIMIT") == "" {
			debug.SetMemoryLimit(limit + int64(n)*keyring.StretchMemory)
		}
		if os.Getenv("GOMAXPROCS") == "" {
			runtime.GOMAXPROCS(threads + n)
		}
		if n == 0 {
			debug.FreeOSMemory()
		}
	}
}
