package appliance_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"
)

// loopDisk is an ext4 of its own, in a file, whose power can be cut.
type loopDisk struct {
	testing.TB
	image, at string
	mounted   bool
}

func newLoopDisk(t *testing.T) *loopDisk {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("mounting takes root")
	}
	d := &loopDisk{TB: t, image: filepath.Join(t.TempDir(), "image"), at: t.TempDir()}
	if err := os.WriteFile(d.image, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(d.image, 512<<20); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("mkfs.ext4", "-q", "-F", d.image).CombinedOutput(); err != nil {
		t.Skipf("no ext4 can be made here: %v %s", err, out)
	}
	if err := d.mount(); err != nil {
		t.Skipf("no image can be mounted here: %v", err)
	}
	t.Cleanup(d.unmount)
	return d
}

func (d *loopDisk) mount() error {
	if out, err := exec.Command("mount", "-o", "loop", d.image, d.at).CombinedOutput(); err != nil {
		return fmt.Errorf("mount: %w: %s", err, out)
	}
	d.mounted = true
	return nil
}

func (d *loopDisk) unmount() {
	if !d.mounted {
		return
	}
	d.mounted = false
	if out, err := exec.Command("umount", d.at).CombinedOutput(); err != nil {
		d.Errorf("unmount: %v %s", err, out)
	}
}

// cut makes the file system forget, from now on, all that is not on the disk:
// FS_IOC_SHUTDOWN without flushing its log.
func (d *loopDisk) cut() {
	d.Helper()
	const shutdown, noLogFlush = 0x8004587d, 2
	f, err := os.Open(d.at)
	if err != nil {
		d.Fatal(err)
	}
	defer f.Close()
	how := uint32(noLogFlush)
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, f.Fd(), shutdown, uintptr(unsafe.Pointer(&how))); errno != 0 {
		d.Skipf("the power cannot be cut here: %v", errno)
	}
}

// powerCuts cuts the power under bin again and again, and returns how many letters
// were acknowledged and what the honest program says of them after each cut.
func powerCuts(t *testing.T, bin, honest string, cuts int, seed uint64) (acked int, err error) {
	d := newLoopDisk(t)
	j := &judge{T: t, bin: bin, dir: d.at + "/demo", known: &known{}, r: rand.New(rand.NewPCG(seed, 2))}
	if err := os.Mkdir(j.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for i := range cuts {
		c, err := startChild(bin, j.dir)
		if err != nil {
			return acked, err
		}
		j.set(func() { j.life = i })
		syscall.Sync() // what was there before the load is not what is asked about
		stop := make(chan struct{})
		var wait sync.WaitGroup
		for w := range 4 {
			wait.Go(func() {
				r := rand.New(rand.NewPCG(seed, uint64(100*i+w)))
				for {
					select {
					case <-stop:
						return
					case <-c.over:
						return
					default:
						_ = j.deliver(c, r) // after the cut it fails
					}
				}
			})
		}
		<-time.After(time.Duration(150+j.r.IntN(500)) * time.Millisecond)
		cut := time.Now()
		d.cut()
		<-time.After(time.Duration(j.r.IntN(60)) * time.Millisecond)
		c.kill()
		close(stop)
		wait.Wait()
		j.saidAfter(cut)
		d.unmount()
		if err := d.mount(); err != nil {
			return acked, err
		}
		acked = len(j.sorted(func(l *told) bool { return l.acked }))
		if err := j.afterCut(honest); err != nil {
			return acked, fmt.Errorf("cut %d at %s, %d acknowledged: %w", i+1, cut.Format(time.StampMilli), acked, err)
		}
	}
	return acked, nil
}

// saidAfter forgets what was acknowledged after the cut. No power cut lets a program
// run on and answer; this one does, and a sync that was under way may then return
// without an error though its journal was dropped. Such a letter may be there or not.
func (j *judge) saidAfter(cut time.Time) {
	j.set(func() {
		for _, l := range j.letters {
			l.acked = l.acked && (l.life < j.life || l.at.Before(cut))
		}
	})
}

func (j *judge) afterCut(bin string) error {
	c, err := startChild(bin, j.dir)
	if err != nil {
		return err
	}
	defer c.kill()
	staff := newVisitor(c.info.Portal)
	defer staff.close()
	return j.check(c, staff, false)
}

func TestPowerCut(t *testing.T) {
	full(t, "it mounts an image and cuts its power")
	cuts, seed := 6, uint64(time.Now().UnixNano())
	if n, err := strconv.Atoi(os.Getenv("SIGILL_CUTS")); err == nil {
		cuts = n
	}
	t.Logf("seed %d", seed)
	honest := buildProgram(t, "")
	t.Run("what was acknowledged is there", func(t *testing.T) {
		acked, err := powerCuts(t, honest, honest, cuts, seed)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		t.Logf("%d cuts: %d letters acknowledged, 0 lost", cuts, acked)
	})
	t.Run("control: a program that does not wait for the disk loses some", func(t *testing.T) {
		acked, err := powerCuts(t, buildProgram(t, "nosync"), honest, 10, seed)
		if err == nil {
			t.Fatalf("%d letters acknowledged and none lost: the test cannot see a loss", acked)
		}
		t.Logf("found: %.300v", err)
	})
}
