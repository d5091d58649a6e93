//go:build nosync

package erase

import "os"

// Durable is false in this build: it is for measuring what waiting for the disk
// costs, and keeps nothing that a power cut may not take.
const Durable = false

func datasync(*os.File) error { return nil }
