package vault

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"

	"modernc.org/sqlite"

	"sigill/appliance/erase"
)

// pragmas stand in the DSN because they belong to a connection, not to the file:
// set once with Exec, the pool's other connections would not have them.
func pragmas() url.Values {
	synchronous := "synchronous(full)" // a commit is on disk before it is said
	if !erase.Durable {
		synchronous = "synchronous(off)"
	}
	return url.Values{"_pragma": {
		"busy_timeout(10000)",    // only a checkpoint can make anybody wait; milliseconds
		"journal_mode(wal)",      // readers beside the writer; a rollback journal would copy deleted rows
		synchronous,              //
		"secure_delete(on)",      // zeroes freed cells; the driver's default is off
		"temp_store(memory)",     // nothing sorted or spilled reaches a file that nobody erases
		"auto_vacuum(0)",         // moving pages releases the file's tail with its old content
		"journal_size_limit(-1)", // never shorten the log: that would free its blocks unwritten
		"foreign_keys(on)",       // off by default in SQLite
		"wal_autocheckpoint(0)",  // the writer does it between batches, see checkpoint.go
		"cell_size_check(on)",    // a damaged page is an error, not a wild read
		"trusted_schema(off)",    // a schema changed by others runs nothing
		"cache_size(-4096)",      // KiB; ids begin with the time, so new rows lie together. A commit that has split a page walks the whole cache
		"mmap_size(0)",           // an I/O error must be an error, not a signal
	}}
}

// pool is the two sides of the database: one connection that writes, and those
// that read.
type pool struct {
	write, read *sql.DB
	taken       []*conn
}

func openPool(ctx context.Context, path string) (*pool, error) {
	// The process's own open and close of a database file must not drop SQLite's
	// locks. Where the kernel has no such locks, DATA/lock still keeps others away.
	_, _ = sqlite.OFDLocking(true)
	// Immediate: a transaction that reads first and writes later could not be ended
	// well if another had written in between.
	base := (&url.URL{Scheme: "file", OmitHost: true, Path: path}).String() + "?_txlock=immediate&"
	write, err := sql.Open("sqlite", base+pragmas().Encode())
	if err != nil {
		return nil, err
	}
	write.SetMaxOpenConns(1)
	reading := pragmas()
	reading.Add("_pragma", "query_only(on)")
	read, err := sql.Open("sqlite", base+reading.Encode())
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	p := &pool{write: write, read: read}
	if err := write.PingContext(ctx); err != nil {
		return nil, errors.Join(err, p.close())
	}
	return p, nil
}

func (p *pool) writer(ctx context.Context) (*conn, error) { return p.take(ctx, p.write) }
func (p *pool) reader(ctx context.Context) (*conn, error) { return p.take(ctx, p.read) }

func (p *pool) take(ctx context.Context, from *sql.DB) (*conn, error) {
	c, err := from.Conn(ctx)
	if err != nil {
		return nil, err
	}
	// The log outlives the last connection. SQLite would unlink it, and its blocks
	// with old content would be free without having been overwritten.
	err = c.Raw(func(raw any) error {
		on, err := raw.(sqlite.FileControl).FileControlPersistWAL("main", 1)
		if err == nil && on != 1 {
			return fmt.Errorf("the log would not be kept")
		}
		return err
	})
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	one := &conn{sql: c, stmts: map[string]*sql.Stmt{}}
	p.taken = append(p.taken, one)
	return one, nil
}

// close gives the connections back first: what is taken, sql.DB.Close would leave
// open, with its files.
func (p *pool) close() error {
	var errs []error
	for _, c := range p.taken {
		errs = append(errs, c.close())
	}
	p.taken = nil
	return errors.Join(append(errs, p.read.Close(), p.write.Close())...)
}
