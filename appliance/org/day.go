package org

import "time"

// LastMoment is the one before a time from which on something is over, by which people know
// its last day; zero for zero.
func LastMoment(end time.Time) time.Time {
	if end.IsZero() {
		return end
	}
	return end.Add(-time.Nanosecond)
}
