//go:build !updatefault

package appliance

import "context"

// faultyTrial does nothing; with the build tag updatefault, for a test of updates, it crashes
// or hangs where the test wants it.
func faultyTrial(context.Context) error { return nil }

// faultyStart is the same for a start behind the swap.
func faultyStart() {}
