package jobs

import (
	"fmt"
	"time"

	"github.com/robfig/cron/v3"
)

// Next returns when the time of a schedule comes next after a moment; see Job.Spec.
func Next(spec string, after time.Time) (time.Time, error) {
	s, err := cron.ParseStandard(spec)
	if err != nil {
		return time.Time{}, fmt.Errorf("schedule: %w", err)
	}
	return s.Next(after.UTC()), nil
}
