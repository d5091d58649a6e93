package appliance

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestProgramPages(t *testing.T) {
	const path = "/usr/bin/sigill"
	part := func(head, anonymous string) string {
		return head + "\nSize:    16 kB\nRss:    16 kB\nAnonymous:    " + anonymous + " kB\nVmFlags: rd mr mw me\n"
	}
	smaps := strings.Join([]string{
		part("00400000-017d9000 r-xp 00000000 fe:00 11 "+path, "0"),
		part("017d9000-02fa0000 r--p 013d9000 fe:00 11 "+path, "0"),
		part("02fa0000-03000000 r--p 02ba0000 fe:00 11 "+path, "12"),
		part("03000000-03225000 rw-p 02ba0000 fe:00 11 "+path, "0"),
		part("03225000-0527b000 rw-p 00000000 00:00 0", "0"),
		part("7f0000000000-7f0000001000 r--p 00000000 fe:00 12 /usr/lib/locale/x", "0"),
	}, "")
	t.Run("what is as in the program's file is let go of, and nothing else", func(t *testing.T) {
		list, err := filePages(strings.NewReader(smaps), path)
		if want := []pages{{0x400000, 0x17d9000}, {0x17d9000, 0x2fa0000}}; err != nil || !slices.Equal(list, want) {
			t.Errorf("%x, %v", list, err)
		}
	})
	t.Run("a list that is none is an error", func(t *testing.T) {
		if _, err := filePages(strings.NewReader("from-to r-xp 0 0 0 "+path+"\n"), path); err == nil {
			t.Error("no error")
		}
	})
	t.Run("a program goes on that has let go of its pages, and has fewer", func(t *testing.T) {
		before := fileMemory(t)
		if err := unmapProgram(); err != nil {
			t.Fatal(err)
		}
		if after := fileMemory(t); after >= before {
			t.Errorf("%d kB of files before, %d after", before, after)
		}
		if s := fmt.Sprint(regexp.MustCompile("l+").FindString("hallo")); s != "ll" {
			t.Error(s)
		}
	})
}

// fileMemory is how much of files is in this process's memory, in kB.
func fileMemory(t *testing.T) int {
	t.Helper()
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`RssFile:\s+(\d+) kB`).FindSubmatch(b)
	if m == nil {
		t.Skip("this kernel does not say how much of files is in memory")
	}
	n, err := strconv.Atoi(string(m[1]))
	if err != nil {
		t.Fatal(err)
	}
	return n
}
