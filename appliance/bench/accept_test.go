package bench

import (
	"context"
	"fmt"
	"log/slog"
	"syscall"
	"testing"
	"time"

	"sigill/appliance"
	"sigill/appliance/config"
)

// BenchmarkAccept is rows 1 and 2 without a peer and in one process, so that
// -cpuprofile, -mutexprofile and -blockprofile show where the time goes.
func BenchmarkAccept(b *testing.B) {
	for _, size := range []int{small, large} {
		for _, way := range []string{byData, byBDAT} {
			for _, n := range sessionCounts() {
				b.Run(fmt.Sprintf("%dKiB/%s/%d", size>>10, way, n), func(b *testing.B) {
					addr := inProcess(b)
					b.ResetTimer()
					before := used(b)
					r, err := drive(b.Context(), addr, load{newLetters(size), way, n, time.Minute, max(b.N, n)})
					if err != nil {
						b.Fatal(err)
					}
					b.ReportMetric(r.rate, "mails/s")
					b.ReportMetric(float64((used(b)-before).Microseconds())/float64(b.N), "cpu-µs/mail")
				})
			}
		}
	}
}

// used is the processor time of this process, the generator's included: on a busy
// machine it says more than the time that went by.
func used(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func inProcess(b *testing.B) string {
	p, err := park()
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { p.Close() })
	addr, err := freePort()
	if err != nil {
		b.Fatal(err)
	}
	file, err := settings(b.TempDir(), "127.0.0.1:0", addr, p)
	if err != nil {
		b.Fatal(err)
	}
	f, err := config.Load(file)
	if err != nil {
		b.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	c, err := appliance.FromFile(f, log)
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	a, err := appliance.Open(ctx, c)
	if err != nil {
		cancel()
		b.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	b.Cleanup(func() {
		p.Close()
		cancel()
		<-done
		a.Close()
	})
	return addr
}
