package bench

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of times in /proc: USER_HZ, which Linux has fixed at 100 a second.
const tick = 10 * time.Millisecond

// processorTime is what a child has used so far, with its own children, those that
// have ended included.
func (c *child) processorTime() (time.Duration, error) {
	list, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0, err
	}
	var sum time.Duration
	for _, path := range list {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended meanwhile; its parent has its time
		}
		used, ours, err := parseStat(string(text), c.cmd.Process.Pid)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", path, err)
		}
		if ours {
			sum += used
		}
	}
	return sum, nil
}

// parseStat reads /proc/PID/stat (proc(5)): the process's own time and that of its
// ended children. ours is true for the process pid and its children.
func parseStat(text string, pid int) (used time.Duration, ours bool, err error) {
	// The name stands in parentheses and may hold anything, parentheses too.
	head, rest, _ := strings.Cut(text, " ")
	f := strings.Fields(rest[strings.LastIndexByte(rest, ')')+1:])
	if len(f) < 15 {
		return 0, false, errors.New("a line that is too short")
	}
	own := strconv.Itoa(pid)
	if head != own && f[1] != own {
		return 0, false, nil
	}
	for _, v := range f[11:15] { // utime, stime, cutime, cstime
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil {
			return 0, false, err
		}
		used += time.Duration(n) * tick
	}
	return used, true, nil
}
