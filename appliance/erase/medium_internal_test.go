package erase

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

func TestJudge(t *testing.T) {
	for _, c := range []struct {
		name    string
		magic   uint32
		options []string
		spins   bool
		want    Report
	}{
		{"ext4 on a disk", 0xEF53, []string{"rw"}, true, Report{"ext4", true, []Fault{Hidden}}},
		{"ext4 on flash is overwritten, but the controller may keep pages", 0xEF53, nil, false, Report{"ext4", true, []Fault{Flash, Hidden}}},
		{"ext4 that journals content", 0xEF53, []string{"rw", "data=journal"}, true, Report{"ext4", false, []Fault{DataJournal, Hidden}}},
		{"xfs", 0x58465342, nil, true, Report{"xfs", true, []Fault{Hidden}}},
		{"btrfs", 0x9123683E, nil, true, Report{"btrfs", false, []Fault{CopyOnWrite, Hidden}}},
		{"zfs", 0x2FC12FC1, nil, false, Report{"zfs", false, []Fault{CopyOnWrite, Flash, Hidden}}},
		{"overlay", 0x794C7630, nil, true, Report{"overlay", false, []Fault{Layered, Hidden}}},
		{"tmpfs", 0x01021994, nil, false, Report{"tmpfs", false, []Fault{Memory, Hidden}}},
		{"nfs", 0x6969, nil, false, Report{"nfs", false, []Fault{Network, Hidden}}},
		{"one that nobody measured", 0x12345, nil, true, Report{"0x12345", false, []Fault{Unknown, Hidden}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := judge(c.magic, c.options, c.spins); !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestOptions(t *testing.T) {
	const text = `22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/root rw,data=journal,discard
23 22 0:21 / /proc rw,nosuid - proc proc rw
24 22 98:3 / /data rw - xfs /dev/vdb rw,noquota
broken line
`
	for dev, want := range map[string][]string{
		"254:0": {"rw", "data=journal", "discard"}, "98:3": {"rw", "noquota"}, "9:9": nil,
	} {
		if got := options(text, dev); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, want %v", dev, got, want)
		}
	}
}

func TestSpins(t *testing.T) {
	sys := t.TempDir()
	disk := filepath.Join(sys, "devices/vda")
	for _, dir := range []string{filepath.Join(disk, "queue"), filepath.Join(disk, "vda1"), filepath.Join(sys, "dev/block")} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(disk, "queue/rotational"), []byte("1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for dev, to := range map[string]string{"254:0": "../../devices/vda", "254:1": "../../devices/vda/vda1"} {
		if err := os.Symlink(to, filepath.Join(sys, "dev/block", dev)); err != nil {
			t.Fatal(err)
		}
		if !spins(sys, dev) {
			t.Errorf("%s does not spin", dev)
		}
	}
	if spins(sys, "8:0") {
		t.Error("a device that is not there spins")
	}
}

func TestDeviceNumbers(t *testing.T) {
	// makedev(3): major 259, minor 70000.
	const dev = uint64(70000&0xff) | 259&0xfff<<8 | uint64(70000&^0xff)<<12
	if major(dev) != 259 || minor(dev) != 70000 {
		t.Error(major(dev), minor(dev))
	}
}
