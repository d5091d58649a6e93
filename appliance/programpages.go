package appliance

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// pages is a part of the address space.
type pages struct{ from, to uintptr }

// unmapProgram lets go of the pages of the program's own file. With each page that a start
// touches the kernel maps the fifteen around it, so that after it three quarters of the file are
// in use by all appearance, of which little is needed again. What is comes back from the page
// cache at the first touch; the rest the kernel may have for something else at once.
func unmapProgram() error {
	exe, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return err
	}
	f, err := os.Open("/proc/self/smaps")
	if err != nil {
		return err
	}
	list, err := filePages(f, exe)
	err = errors.Join(err, f.Close())
	for _, p := range list {
		if _, _, no := unix.Syscall(unix.SYS_MADVISE, p.from, p.to-p.from, unix.MADV_DONTNEED); no != 0 {
			err = errors.Join(err, no)
		}
	}
	return err
}

// filePages returns what is mapped of a file and is as in the file, of a process's smaps (see
// proc_pid_smaps(5)). What may be written, and what a loader has changed before it took the right
// to write away, has no other copy: to let go of it would be to lose it.
func filePages(smaps io.Reader, path string) (list []pages, _ error) {
	var at pages
	var ours bool
	lines := bufio.NewScanner(smaps)
	for lines.Scan() {
		word := strings.Fields(lines.Text())
		switch {
		case len(word) >= 5 && !strings.HasSuffix(word[0], ":"):
			if _, err := fmt.Sscanf(word[0], "%x-%x", &at.from, &at.to); err != nil {
				return nil, err
			}
			ours = len(word) == 6 && word[5] == path && (word[1] == "r-xp" || word[1] == "r--p")
		case ours && len(word) == 3 && word[0] == "Anonymous:" && word[1] == "0":
			list = append(list, at)
		}
	}
	return list, lines.Err()
}
