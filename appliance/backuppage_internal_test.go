package appliance

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"
	"testing"
	"time"

	"sigill/appliance/mail"
	"sigill/backup"
)

// TestBackupFaults says of each fault of a target which sentence people read: one of the
// page's, or one that the fault brings with it.
func TestBackupFaults(t *testing.T) {
	for _, c := range []struct {
		err         error
		fault, said string
	}{
		{backup.ErrForeign, "foreign", ""},
		{fmt.Errorf("write: %w", syscall.ENOSPC), "full", ""},
		{fmt.Errorf("backup directory: %w", fs.ErrNotExist), "away", ""},
		{fmt.Errorf("put slots/1: %w", backup.ErrKept), "other", "error.target.kept"},
		{fmt.Errorf("backup b: %w", mail.E(mail.Invalid, "error.target.hostkey", nil)), "other", "error.target.hostkey"},
		{mail.E(mail.Busy, "error.busy", nil), "other", ""},
		{errors.New("the line is lost"), "other", ""},
	} {
		b := &backedUp{}
		b.state.Fault = c.err
		s := b.shown(time.Now())
		if s.Fault != c.fault || s.Said != c.said || s.Detail == "" {
			t.Errorf("%v: %q, %q, %q", c.err, s.Fault, s.Said, s.Detail)
		}
	}
}
