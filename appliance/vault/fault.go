package vault

import (
	"errors"
	"fmt"
	"syscall"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"sigill/appliance/mail"
)

// syncFault is a sync that failed. It is a type of its own because nothing may be
// believed of the page cache after it.
type syncFault struct{ err error }

func (e syncFault) Error() string { return e.err.Error() }
func (e syncFault) Unwrap() error { return e.err }

// answer turns an error of the disk or of SQLite into what the caller is told,
// and closes the store to changes where that must be. The closure's own errors
// pass as they are.
func (db *DB) answer(doing string, err error) error {
	if err == nil {
		return nil
	}
	var told *mail.Error
	if errors.As(err, &told) {
		return err
	}
	err = fmt.Errorf("%s: %w", doing, err)
	var sync syncFault
	switch {
	case errors.As(err, &sync) || diskFailed(err):
		f := mail.E(mail.Again, "error.again", err)
		if db.fault.CompareAndSwap(nil, f) {
			db.cfg.Log.Error("disk failed: no more changes until the next start", "part", "vault", "err", err)
		}
		return f
	case diskFull(err):
		db.lighten()
		return mail.E(mail.Again, "error.again", err)
	}
	return err
}

// diskFailed reports an I/O error of SQLite. Which pages are on disk is not known
// any more, as after a failed sync of our own.
func diskFailed(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_IOERR && !diskFull(err)
}

// indexFull reports that the log's index had no room.
func indexFull(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code() == sqlite3.SQLITE_IOERR_SHMSIZE
}

// diskFull reports that there was no room, which passes.
func diskFull(err error) bool {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return true
	}
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code() {
	case sqlite3.SQLITE_FULL,
		sqlite3.SQLITE_IOERR_SHMSIZE, // no room for the log's index
		sqlite3.SQLITE_IOERR_NOMEM:
		return true
	}
	return false
}
