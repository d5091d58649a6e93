package erase

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Fault is a reason why overwritten bytes may still be there. It is a code word;
// the sentences stand in the catalogue.
type Fault string

// The faults.
const (
	CopyOnWrite Fault = "copyonwrite" // a write goes to new blocks and the old ones stay: btrfs, zfs, bcachefs
	DataJournal Fault = "datajournal" // the journal keeps copies of content: ext4 with data=journal
	LogStruct   Fault = "logstruct"   // every write goes to a new place: f2fs, nilfs2
	Layered     Fault = "layered"     // another file system below decides: overlay, fuse, ecryptfs
	Network     Fault = "network"     // another machine decides: nfs, cifs, ceph
	Memory      Fault = "memory"      // nothing is kept over a restart at all: tmpfs
	Unknown     Fault = "unknown"     // a file system that nobody measured
	Flash       Fault = "flash"       // the drive is no spinning disk: its controller may keep old pages
	Hidden      Fault = "hidden"      // what lies below (volume snapshots, a virtual machine's) cannot be seen from here
)

// Report is what may be said of a directory's medium.
type Report struct {
	FS string // such as "ext4"; "0x…" if it has no name here
	// InPlace: overwriting reaches the blocks that held the old bytes, as far as the
	// file system decides. False for all that was not measured.
	InPlace bool
	Faults  []Fault // also the doubts that remain where InPlace is true; Hidden always
}

type kind struct {
	name  string
	fault Fault // "" if writes were measured to go in place
}

// kinds are the file systems by the magic number of statfs(2).
var kinds = map[uint32]kind{
	0xEF53:     {"ext4", ""}, // ext2, ext3 and ext4 share the number
	0x58465342: {"xfs", ""},
	0x9123683E: {"btrfs", CopyOnWrite},
	0x2FC12FC1: {"zfs", CopyOnWrite},
	0xCA451A4E: {"bcachefs", CopyOnWrite},
	0xF2F52010: {"f2fs", LogStruct},
	0x3434:     {"nilfs2", LogStruct},
	0x794C7630: {"overlay", Layered},
	0x65735546: {"fuse", Layered},
	0xF15F:     {"ecryptfs", Layered},
	0x6969:     {"nfs", Network},
	0xFF534D42: {"cifs", Network},
	0xFE534D42: {"smb2", Network},
	0x00C36400: {"ceph", Network},
	0x01021997: {"9p", Network},
	0x01021994: {"tmpfs", Memory},
	0x858458F6: {"ramfs", Memory},
}

func kindOf(magic uint32) kind {
	if k, ok := kinds[magic]; ok {
		return k
	}
	return kind{fmt.Sprintf("%#x", magic), Unknown}
}

// Medium tells what overwriting a file in dir is worth. The error says that dir
// could not be asked at all.
func Medium(dir string) (Report, error) {
	fs, err := FileSystemOf(dir)
	if err != nil {
		return Report{}, err
	}
	var st syscall.Stat_t
	if err := syscall.Stat(dir, &st); err != nil {
		return Report{}, fmt.Errorf("ask the directory: %w", err)
	}
	dev := fmt.Sprintf("%d:%d", major(st.Dev), minor(st.Dev))
	// Without /proc the options are unknown, which is the same as none to be seen.
	mounts, _ := os.ReadFile("/proc/self/mountinfo")
	return judge(fs.Magic, options(string(mounts), dev), spins("/sys", dev)), nil
}

// judge is Medium without the machine.
func judge(magic uint32, mountOptions []string, spinning bool) Report {
	k := kindOf(magic)
	r := Report{FS: k.name}
	if k.fault != "" {
		r.Faults = append(r.Faults, k.fault)
	}
	for _, o := range mountOptions {
		if o == "data=journal" {
			r.Faults = append(r.Faults, DataJournal)
		}
	}
	r.InPlace = len(r.Faults) == 0
	if !spinning && k.fault != Memory && k.fault != Network {
		r.Faults = append(r.Faults, Flash)
	}
	r.Faults = append(r.Faults, Hidden)
	return r
}

// options returns the super block's options of the mount on device dev, from the
// text of proc(5) /proc/self/mountinfo:
//
//	36 35 98:0 / /mnt rw,noatime shared:1 - ext4 /dev/root rw,data=journal
func options(mountinfo, dev string) []string {
	for line := range strings.Lines(mountinfo) {
		before, after, ok := strings.Cut(line, " - ")
		f, g := strings.Fields(before), strings.Fields(after)
		if ok && len(f) >= 3 && len(g) >= 3 && f[2] == dev {
			return strings.Split(g[2], ",")
		}
	}
	return nil
}

// spins reports whether the kernel calls the device a spinning disk. A partition
// has no queue of its own; its disk's stands one directory up.
func spins(sys, dev string) bool {
	for _, queue := range []string{"queue", "../queue"} {
		// The path is a symbolic link, so it must not be cleaned before it is followed.
		b, err := os.ReadFile(filepath.Join(sys, "dev/block") + "/" + dev + "/" + queue + "/rotational")
		if err == nil {
			return strings.TrimSpace(string(b)) == "1"
		}
	}
	return false
}

// The device numbers of makedev(3) on Linux.
func major(dev uint64) uint64 { return dev>>8&0xfff | dev>>32&^0xfff }
func minor(dev uint64) uint64 { return dev&0xff | dev>>12&^0xff }
