package appliance_test

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"strings"
	"syscall"
	"testing"

	"sigill/appliance"
	"sigill/appliance/config"
)

// TestTheLogGoesOnOtherwise changes [log] of the file while the appliance runs, as `systemctl
// reload` does.
func TestTheLogGoesOnOtherwise(t *testing.T) {
	k := newKeyless(t)
	rest := string(readFile(t, k.file))
	var first, second safeBuffer
	one, two := hearsLines(t, &first), hearsLines(t, &second)
	write := func(level, form, to string) {
		t.Helper()
		text := rest + "\n[log]\nlevel = \"" + level + "\"\nform = \"" + form + "\"\nsyslog = \"tcp://" + to + "\"\n"
		if err := os.WriteFile(k.file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("info", "text", one)
	f, err := config.Load(k.file)
	if err != nil {
		t.Fatal(err)
	}
	var own safeBuffer
	log, err := appliance.OpenLog(f, &own)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended, signals := make(chan error, 2), make(chan os.Signal)
	go func() { ended <- log.Run(ctx) }()
	go func() { log.Follow(ctx, k.file, signals); ended <- nil }()
	hear := func(in *safeBuffer, words string) {
		t.Helper()
		k.await(words, func() (trapped, bool) { return trapped{}, bytes.Contains(in.Bytes(), []byte(words)) })
	}
	part := log.With("part", "smtpd").WithGroup("mail") // as it was handed to a part at the start
	part.Debug("nobody wants this")
	part.Info("first line", "size", 1)
	hear(&first, `msg="first line" part=smtpd mail.size=1`)

	t.Run("level, form and server are others from the signal on, also of who has the log already", func(t *testing.T) {
		write("debug", "json", two)
		signals <- syscall.SIGHUP
		hear(&second, "the log goes on otherwise")
		part.Debug("second line", "size", 2)
		hear(&second, `"msg":"second line","part":"smtpd","mail":{"size":2}`)
		hear(&own, `"msg":"second line","part":"smtpd","mail":{"size":2}`)
	})
	t.Run("a file that is spoilt changes nothing, and is told", func(t *testing.T) {
		write("loud", "text", one)
		signals <- syscall.SIGHUP
		hear(&second, "cannot be read anew")
		part.Debug("third line")
		hear(&second, "third line")
	})
	t.Run("what has not changed opens nothing anew", func(t *testing.T) {
		write("debug", "json", two)
		signals <- syscall.SIGHUP
		signals <- syscall.SIGHUP // taken when the one before is done
		if n := strings.Count(string(own.Bytes()), "the log goes on otherwise"); n != 1 {
			t.Error(n)
		}
	})
	part.Log(t.Context(), slog.LevelError, "last line")
	stop()
	for range 2 {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	hear(&second, "last line")
	if all := string(first.Bytes()) + string(own.Bytes()); strings.Contains(string(first.Bytes()), "second line") || strings.Contains(all, "nobody wants") || strings.Contains(string(second.Bytes()), "first line") {
		t.Errorf("the first server heard:\n%s\nthe second:\n%s", first.Bytes(), second.Bytes())
	}
}
