package vault

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"sigill/appliance/mail"
)

// conn is one connection with its prepared statements. It is used by one
// goroutine at a time.
type conn struct {
	sql   *sql.Conn
	stmts map[string]*sql.Stmt
	// dead is set when an error made SQLite roll back the whole transaction by
	// itself. What came after would be committed statement by statement.
	dead error
}

// scanner is a row of a result.
type scanner interface{ Scan(dest ...any) error }

// exec runs a statement and returns how many rows it changed.
func (c *conn) exec(query string, args ...any) (int64, error) {
	s, err := c.prepare(query)
	if err != nil {
		return 0, err
	}
	// No context: the driver would start a goroutine for each statement, and an
	// interrupted statement would end the whole batch.
	r, err := s.ExecContext(context.Background(), args...)
	if err != nil {
		return 0, c.note(err)
	}
	return r.RowsAffected()
}

// must is exec for a statement that has to meet a row. The error is Absent if it
// does not.
func (c *conn) must(query string, args ...any) error {
	n, err := c.exec(query, args...)
	if err == nil && n == 0 {
		return absent()
	}
	return err
}

// insert adds n rows with one statement. The query ends in the VALUES of one row;
// args has those of all.
func (c *conn) insert(query string, n int, args []any) error {
	if n == 0 {
		return nil
	}
	// A statement for each length is kept, so the lengths are bounded. More rows
	// than this go in several statements.
	const most = 16
	per := len(args) / n
	for n > most {
		if err := c.insert(query, most, args[:most*per]); err != nil {
			return err
		}
		n, args = n-most, args[most*per:]
	}
	if n > 1 {
		query += strings.Repeat(", (?"+strings.Repeat(", ?", per-1)+")", n-1)
	}
	_, err := c.exec(query, args...)
	return err
}

// all runs a query and scans each row.
func all[T any](c *conn, scan func(scanner) (T, error), query string, args ...any) (list []T, err error) {
	s, err := c.prepare(query)
	if err != nil {
		return nil, err
	}
	rows, err := s.QueryContext(context.Background(), args...)
	if err != nil {
		return nil, c.note(err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, c.note(rows.Err())
}

// one runs a query and scans its first row. The error is Absent if there is none.
func one[T any](c *conn, scan func(scanner) (T, error), query string, args ...any) (T, error) {
	var none T
	list, err := all(c, scan, query, args...)
	if err != nil {
		return none, err
	}
	if len(list) == 0 {
		return none, absent()
	}
	return list[0], nil
}

func (c *conn) prepare(query string) (*sql.Stmt, error) {
	if c.dead != nil {
		return nil, c.dead
	}
	if s := c.stmts[query]; s != nil {
		return s, nil
	}
	s, err := c.sql.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, c.note(err)
	}
	c.stmts[query] = s
	return s, nil
}

// close ends the statements first: SQLite keeps a connection with its files for as
// long as one of its statements lives.
func (c *conn) close() error {
	var errs []error
	for _, s := range c.stmts {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, c.sql.Close())...)
}

// note remembers an error after which there is no transaction any more
// (sqlite.org/lang_transaction.html, "Response To Errors Within A Transaction").
func (c *conn) note(err error) error {
	var e *sqlite.Error
	if errors.As(err, &e) {
		switch e.Code() & 0xff {
		case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_INTERRUPT:
			c.dead = err
		}
	}
	return err
}

// absent is what every missing row gives: the door shows the same for a row that
// somebody may not see.
func absent() error { return mail.E(mail.Absent, "error.absent", nil) }
