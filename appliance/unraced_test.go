//go:build !race

package appliance_test

// raced is whether the race detector looks on.
const raced = false
