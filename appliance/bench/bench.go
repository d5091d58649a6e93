package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
)

// Options are what the command takes.
type Options struct {
	Rows   []int // of the targets; none: all that can be measured
	Rounds int   // paired rounds of each figure; at least 1, 7 for a figure to be quoted
	JSON   bool  // print JSON, and no table
	Peers  bool  // run other mail servers, and restic, beside us, where they are installed
	Blobs  int   // of rows 7 and 8; 0: 20,000. With fewer the figures are another's
	Dir    string
	Out    io.Writer // the report
	Log    io.Writer // what is being done
}

// Rows are those that Run can measure: of the targets, and 16, which holds the pages of
// who organises many people against the same with few, and 17, which says what the pages that
// everybody meets weigh.
func Rows() []int { return []int{1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 16, 17} }

// bench is one run.
type bench struct {
	Options
	dir    string // of this run, removed at its end
	exe    string // this binary
	built  map[string]string
	report Report
}

// Run measures and prints. The error tells what kept it from measuring at all; a
// target that is missed is a line of the report.
func Run(ctx context.Context, o Options) (err error) {
	b := &bench{Options: o, built: map[string]string{}}
	if len(b.Rows) == 0 {
		b.Rows = Rows()
	}
	for _, r := range b.Rows {
		if !slices.Contains(Rows(), r) {
			return fmt.Errorf("row %d is not one of %v", r, Rows())
		}
	}
	if b.Rounds < 1 || b.Rounds > 100 {
		return errors.New("rounds must be between 1 and 100")
	}
	if b.exe, err = os.Executable(); err != nil {
		return err
	}
	place, system, err := place(b.Dir)
	if err != nil {
		return err
	}
	if b.dir, err = os.MkdirTemp(place, "sigill-bench-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.dir)) }()
	// A peer's own user must reach its queue; what is ours in here has 0700 of its own.
	if err := errors.Join(os.Chmod(b.dir, 0o755), os.Mkdir(filepath.Join(b.dir, "tmp"), 0o700)); err != nil {
		return err
	}
	b.report.Machine = Machine{CPUs: runtime.NumCPU(), Go: runtime.Version(), Arch: runtime.GOARCH, Files: system}
	b.report.Rounds = b.Rounds
	if err := b.measure(ctx); err != nil {
		return err
	}
	if b.JSON {
		return b.report.writeJSON(b.Out)
	}
	return b.report.writeTable(b.Out)
}

// measure does the rows that were asked for, one after another: they would spoil
// each other's figures.
func (b *bench) measure(ctx context.Context) error {
	for _, r := range []struct {
		rows []int
		do   func(context.Context) error
	}{
		{[]int{1, 2}, b.mails}, {[]int{3}, b.durability}, {[]int{4}, b.hybrid}, {[]int{5}, b.attachment},
		{[]int{6}, b.sessions}, {[]int{7, 8}, b.backup}, {[]int{10}, b.search}, {[]int{12}, b.start}, {[]int{15}, b.storm}, {[]int{16}, b.organisers}, {[]int{17}, b.weight},
	} {
		if !slices.ContainsFunc(r.rows, b.wants) {
			continue
		}
		err := r.do(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			// One row's failure is its own line; the others are measured all the same.
			b.missing(r.rows[0], "", "", err)
		}
	}
	return nil
}

func (b *bench) wants(row int) bool { return slices.Contains(b.Rows, row) }

func (b *bench) say(format string, args ...any) { fmt.Fprintf(b.Log, format+"\n", args...) }
