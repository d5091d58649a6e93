//go:build !updatefault

package vault

import "io/fs"

// spoilt returns the steps as they are; with the build tag updatefault, for a test of updates,
// one that loses letters is among them.
func spoilt(steps fs.FS) fs.FS { return steps }
