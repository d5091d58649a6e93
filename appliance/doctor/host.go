package doctor

import (
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// ReadHost asks the kernel about this process and its machine. What cannot be asked is zero,
// or -1 for a bound.
func ReadHost() HostFact {
	f := HostFact{SwapMost: -1, CoreMost: -1, Processors: runtime.NumCPU()}
	var info syscall.Sysinfo_t
	if syscall.Sysinfo(&info) == nil { // of sysinfo(2), since the service's /proc has no meminfo
		f.Memory = int64(info.Totalram) * int64(info.Unit)
		f.Swap = int64(info.Totalswap) * int64(info.Unit)
	}
	var core syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_CORE, &core) == nil && core.Cur < 1<<62 {
		f.CoreMost = int64(core.Cur)
	}
	own, _ := os.ReadFile("/proc/self/cgroup")
	group := filepath.Join("/sys/fs/cgroup", groupOf(string(own)))
	f.SwapMost = bound(group + "/memory.swap.max")
	if most := bound(group + "/memory.max"); most > 0 && most < f.Memory {
		f.Memory = most
	}
	return f
}

// groupOf reads cgroups(7) /proc/self/cgroup of version 2, "0::/system.slice/sigill.service".
func groupOf(text string) string {
	for line := range strings.Lines(text) {
		if path, ok := strings.CutPrefix(strings.TrimSpace(line), "0::"); ok {
			return filepath.Clean("/" + path)
		}
	}
	return "/"
}

// bound reads a bound of a group: a number, or "max". -1: there is none, or it cannot be read.
func bound(file string) int64 {
	b, err := os.ReadFile(file)
	if err != nil {
		return -1
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// timeError is the state of adjtimex(2) of a clock that follows nothing.
const timeError = 5

// ReadSynced reports whether the kernel's clock follows another; now is the machine's own time.
// The service may not ask the kernel (systemd's ProtectClock), but for what systemd-timesyncd
// has left for all to see.
func ReadSynced(now time.Time) (synced, known bool) {
	var x syscall.Timex
	if state, err := syscall.Adjtimex(&x); err == nil { // asks only: no mode is set
		return state != timeError, true
	}
	return readTimesync("/run/systemd/timesync", now)
}

// syncedFor is how long an answer of a time server is good for: systemd-timesyncd asks at least
// every 35 minutes (timesyncd.conf(5), PollIntervalMaxSec).
const syncedFor = 3 * time.Hour

// syncedFirst is how long it may take after its start until a server has answered.
const syncedFirst = 10 * time.Minute

// readTimesync is what systemd-timesyncd says by its directory, which is there while it runs: of
// the file in it each answer of a server sets the time (systemd-timesyncd.service(8)).
func readTimesync(dir string, now time.Time) (synced, known bool) {
	if answered, err := os.Stat(filepath.Join(dir, "synchronized")); err == nil {
		return now.Sub(answered.ModTime()) < syncedFor, true
	}
	began, err := os.Stat(dir)
	return false, err == nil && now.Sub(began.ModTime()) > syncedFirst
}

// Places are what only the service may use, of an installation with this configuration file
// ("" if there is none) and these directories: DATA first. The configuration holds no secret and
// may be read, but not written, by others; so may the directory that it is in. `sigill install`
// makes them stricter, or as they are here.
func Places(file, data, keys string) []ModeFact {
	list := []ModeFact{{Of: "data", Path: data, Want: 0o700}, {Of: "keys", Path: keys, Want: 0o700}}
	if file == "" {
		return list
	}
	dir := filepath.Dir(file)
	return append(list,
		ModeFact{Of: "config", Path: file, Want: 0o644}, ModeFact{Of: "config", Path: dir, Want: 0o755},
		ModeFact{Of: "secrets", Path: filepath.Join(dir, "secrets"), Want: 0o700}, ModeFact{Of: "secrets", Path: filepath.Join(dir, "tls"), Want: 0o750},
	)
}

// ReadModes looks at places that only the service may read. One that is not there is left out.
func ReadModes(list []ModeFact) []ModeFact {
	var found []ModeFact
	for _, m := range list {
		info, err := os.Stat(m.Path)
		if err != nil {
			continue
		}
		m.Mode = uint32(info.Mode().Perm())
		if sys, ok := info.Sys().(*syscall.Stat_t); ok {
			m.Owner = sys.Uid
		}
		found = append(found, m)
	}
	return found
}
