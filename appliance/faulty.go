//go:build updatefault

package appliance

import (
	"context"
	"os"
)

// faultyTrial crashes or hangs where a test of updates wants it.
func faultyTrial(ctx context.Context) error {
	switch fault() {
	case "crash":
		panic("a test of updates wants it so")
	case "hang":
		<-ctx.Done()
	}
	return nil
}

// faultyStart is the same for a start behind the swap.
func faultyStart() {
	if fault() == "start" {
		panic("a test of updates wants it so")
	}
}

// fault is what a file says that the test names.
func fault() string {
	b, _ := os.ReadFile(os.Getenv("UPDATEFAULT"))
	return string(b)
}
