package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// build makes this program from its source, as a release is made, with build tags
// that exist for measuring only. It needs Go and the source tree around the current
// directory; without them the row is not measured.
func (b *bench) build(ctx context.Context, tags string) (string, error) {
	if exe, ok := b.built[tags]; ok {
		return exe, nil
	}
	list, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Path}} {{.Dir}}").Output()
	module, dir, _ := strings.Cut(strings.TrimSpace(string(list)), " ")
	if err != nil || module != "sigill" {
		return "", errors.New("needs Go, and the source tree as the current directory")
	}
	b.say("building with tags %q", tags)
	exe := filepath.Join(b.dir, "sigill-"+tags)
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-tags="+tags, "-o", exe, ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w: %s", err, bytes.TrimSpace(out))
	}
	b.built[tags] = exe
	return exe, nil
}

// durability is row 3: what waiting for the disk costs. The other side is the same
// program without it, which nobody may run for anything else.
func (b *bench) durability(ctx context.Context) error {
	return b.variants(ctx, 3, "durability: 4 KiB mail @50, with sync against without", "nosync")
}

// hybrid is row 4: what post-quantum keys cost. The other side seals epochs and pairs
// with a symmetric key that is no secret, and protects nothing.
func (b *bench) hybrid(ctx context.Context) error {
	return b.variants(ctx, 4, "post-quantum: 4 KiB mail @50, hybrid seals against symmetric", "symmetric")
}

// variants measures this program against itself with a tag.
func (b *bench) variants(ctx context.Context, row int, what, tag string) error {
	t := atLeast(0.8, "×")
	real, err := b.build(ctx, "")
	if err != nil {
		b.missing(row, what, t.String(), err)
		return nil
	}
	other, err := b.build(ctx, tag)
	if err != nil {
		return err
	}
	p, err := park()
	if err != nil {
		return err
	}
	defer p.Close()
	l := load{letters: newLetters(small), way: byData, sessions: 50, time: roundTime}
	rates := [2][]float64{}
	for round := range b.Rounds {
		for i := range 2 {
			side := (i + round) % 2
			rate, err := b.fresh(ctx, [2]string{real, other}[side], p, l)
			if err != nil {
				return err
			}
			rates[side] = append(rates[side], rate)
		}
	}
	b.found(row, what, t, ratios(rates[0], rates[1]), map[string][]float64{"mails/s": rates[0], tag + "/s": rates[1]})
	return nil
}

// fresh drives a child that has just been started on an empty store.
func (b *bench) fresh(ctx context.Context, exe string, p *parked, l load) (float64, error) {
	c, err := b.serve(ctx, exe, "variant", p)
	if err != nil {
		return 0, err
	}
	defer func() { c.end(); os.RemoveAll(filepath.Join(b.dir, "variant")) }()
	r, err := drive(ctx, c.smtp, l)
	return r.rate, err
}
