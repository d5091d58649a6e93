package appliance

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
)

// memory is what the collector tries to stay below, in bytes. It is a wish, not a
// limit: what is in use stays in use.
const memory = 64 << 20

// TuneProcess sets what belongs to the whole process, which is ours alone when it
// serves. Operators' GOMEMLIMIT and GOMAXPROCS go before it.
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
}
