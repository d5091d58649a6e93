package vault

import (
	"context"
	"time"
)

// Count counts name once more in a transaction of its own; see Tx.Count. n is the count
// with this one, and durable.
func (db *DB) Count(ctx context.Context, name []byte, window time.Duration) (n int64, err error) {
	err = db.Update(ctx, func(tx *Tx) error {
		n, err = tx.Count(name, tx.now, window)
		return err
	})
	return n, err
}

// Counted returns how often name was counted in the window that runs now. One that began
// in the future begins anew now, durably; see Tx.Count.
func (db *DB) Counted(ctx context.Context, name []byte) (n int64, err error) {
	ahead := false
	err = db.View(ctx, func(tx *ReadTx) error {
		if n, err = tx.Counter(name, tx.now); err != nil || n == 0 {
			return err
		}
		ahead, err = tx.ahead(name)
		return err
	})
	if err != nil || !ahead {
		return n, err
	}
	return n, db.Update(ctx, func(tx *Tx) error { return tx.beginAnew(full(name), tx.now) })
}

// Left returns how much there is left of the window of name that runs now; 0 if nothing is
// counted in one.
func (db *DB) Left(ctx context.Context, name []byte) (left time.Duration, err error) {
	err = db.View(ctx, func(tx *ReadTx) error {
		until, err := one(tx.c, scanInt, `
			SELECT COALESCE(MAX(until), ?2)
			FROM counter
			WHERE name = ?1 AND until > ?2 AND n > 0`, full(name), ms(tx.now))
		left = time.Duration(until-ms(tx.now)) * time.Millisecond
		return err
	})
	return left, err
}

// GiveBack takes one count back in a transaction of its own; see Tx.Uncount.
func (db *DB) GiveBack(ctx context.Context, name []byte) error {
	return db.Update(ctx, func(tx *Tx) error { return tx.Uncount(name, tx.now) })
}

// Counter returns how often name was counted in the window that runs at now; 0 if
// none does.
func (tx *ReadTx) Counter(name []byte, now time.Time) (int64, error) {
	return one(tx.c, scanInt, `
		SELECT COALESCE(SUM(n), 0)
		FROM counter
		WHERE name = ? AND until > ?`, full(name), ms(now))
}

// ahead reports whether name's window began in the future.
func (tx *ReadTx) ahead(name []byte) (bool, error) {
	n, err := one(tx.c, scanInt, `
		SELECT COUNT(*)
		FROM counter
		WHERE name = ? AND since > ?`, full(name), ms(tx.now.Add(aheadOfTime)))
	return n > 0, err
}

// aheadOfTime is how far in the future a window may have begun. One from further on is
// of a clock that has been set back since: it was wrong then, or is now. It would stay
// closed until the clock is there again, which may be years.
const aheadOfTime = time.Hour

// Count counts name once more and returns how often that makes. The first count
// opens a window; when it is over at now, counting begins anew. The count is durable
// when Update has returned, so what it limits comes after that: a crash must not
// give a try back.
//
// Nor must a clock that is set back. A window that began in the future keeps what was
// counted in it, and begins anew at now: so it is closed for its own length, and no
// longer.
func (tx *Tx) Count(name []byte, now time.Time, window time.Duration) (int64, error) {
	return one(tx.c, scanInt, `
		INSERT INTO counter (name, n, since, until)
		VALUES (?1, 1, ?2, ?3)
		ON CONFLICT (name) DO UPDATE
		SET n     = CASE WHEN until > excluded.since THEN n + 1 ELSE 1 END,
			since = CASE WHEN until > excluded.since AND since <= ?4 THEN since ELSE excluded.since END,
			until = CASE WHEN until > excluded.since AND since <= ?4 THEN until ELSE excluded.until END
		RETURNING n`, full(name), ms(now), ms(now.Add(window)), ms(now.Add(aheadOfTime)))
}

// beginAnew lets name's window, if it began in the future, begin at now: as long as it was,
// and with what was counted in it. A nil name is all of them; that is for a clock that is
// believed, because a window that began while the clock stood back is over when it is
// mended.
func (tx *Tx) beginAnew(name []byte, now time.Time) error {
	_, err := tx.c.exec(`
		UPDATE counter
		SET until = until - since + ?1, since = ?1
		WHERE since > ?2 AND (?3 IS NULL OR name = ?3)`, ms(now), ms(now.Add(aheadOfTime)), name)
	return err
}

// Uncount takes one count back, if a window runs at now; of what was not counted
// there is nothing to take. The window stays as it is.
func (tx *Tx) Uncount(name []byte, now time.Time) error {
	_, err := tx.c.exec(`
		UPDATE counter
		SET n = n - 1
		WHERE name = ? AND until > ? AND n > 0`, full(name), ms(now))
	return err
}

// ResetCounter forgets a count, as after a right password.
func (tx *Tx) ResetCounter(name []byte) error {
	_, err := tx.c.exec(`
		DELETE FROM counter
		WHERE name = ?`, full(name))
	return err
}

// ForgetCounters takes away those whose window is over at now, and returns how many.
// Windows that began in the future begin anew; see Count.
func (tx *Tx) ForgetCounters(now time.Time) (int64, error) {
	n, err := tx.c.exec(`
		DELETE FROM counter
		WHERE until <= ?`, ms(now))
	if err != nil {
		return 0, err
	}
	return n, tx.beginAnew(nil, now)
}

// Forget forgets a count in a transaction of its own; see Tx.ResetCounter.
func (db *DB) Forget(ctx context.Context, name []byte) error {
	return db.Update(ctx, func(tx *Tx) error { return tx.ResetCounter(name) })
}
