package control

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTrusted(t *testing.T) {
	own := uint32(os.Geteuid())
	for uid, want := range map[uint32]bool{0: true, own: true, own + 1: false, 65534: own == 65534, 1<<32 - 1: false} {
		if trusted(uid) != want {
			t.Errorf("account %d: %v", uid, !want)
		}
	}
}

func TestStranger(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	did, asked := false, uint32(1)
	s, err := Listen(Config{Dir: dir, Log: slog.New(slog.DiscardHandler), Commands: map[string]Command{
		"/do": func(context.Context, []byte) (any, error) { did = true; return nil, nil },
	}})
	if err != nil {
		t.Fatal(err)
	}
	s.trusted = func(uid uint32) bool { asked = uid; return false }
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	err = Ask(t.Context(), dir, "/do", struct{}{}, new(struct{}))
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err == nil || !strings.HasPrefix(err.Error(), "only root and the account") || did {
		t.Errorf("done: %v, %v", did, err)
	}
	if asked != uint32(os.Getuid()) {
		t.Errorf("the kernel says account %d", asked)
	}
}
