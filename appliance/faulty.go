//go:build updatefault

package appliance

import (
	"context"
	"os"
)

// faultyTrial crashes or hangs where a test of updates wants it.
func faultyTrial(ctx context.Context) error {
	switch os.Getenv("SIGILL_UPDATEFAULT") {
	case "crash":
		panic("a test of updates wants it so")
	case "hang":
		<-ctx.Done()
	}
	return nil
}

// faultyStart is the same for a start behind the swap.
func faultyStart() {
	if os.Getenv("SIGILL_UPDATEFAULT") == "start" {
		panic("a test of updates wants it so")
	}
}
