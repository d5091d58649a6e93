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

// Counted returns how often name was counted in the window that runs now.
func (db *DB) Counted(ctx context.Context, name []byte) (n int64, err error) {
	err = db.View(ctx, func(tx *ReadTx) error {
		n, err = tx.Counter(name, tx.now)
		return err
	})
	return n, err
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
		WHERE name = ? AND until > ? AND since <= ?`, full(name), ms(now), ms(now.Add(aheadOfTime)))
}

// aheadOfTime is how far in the future a window may have begun. One from further on is
// of a clock that was wrong and has been mended; it would stay closed for as long.
const aheadOfTime = time.Hour

// Count counts name once more and returns how often that makes. The first count
// opens a window; when it is over at now, counting begins anew. The count is durable
// when Update has returned, so what it limits comes after that: a crash must not
// give a try back.
func (tx *Tx) Count(name []byte, now time.Time, window time.Duration) (int64, error) {
	return one(tx.c, scanInt, `
		INSERT INTO counter (name, n, since, until)
		VALUES (?1, 1, ?2, ?3)
		ON CONFLICT (name) DO UPDATE
		SET n     = CASE WHEN until > excluded.since AND since <= ?4 THEN n + 1 ELSE 1 END,
			since = CASE WHEN until > excluded.since AND since <= ?4 THEN since ELSE excluded.since END,
			until = CASE WHEN until > excluded.since AND since <= ?4 THEN until ELSE excluded.until END
		RETURNING n`, full(name), ms(now), ms(now.Add(window)), ms(now.Add(aheadOfTime)))
}

// Uncount takes one count back, if a window runs at now; of what was not counted
// there is nothing to take. The window stays as it is.
func (tx *Tx) Uncount(name []byte, now time.Time) error {
	_, err := tx.c.exec(`
		UPDATE counter
		SET n = n - 1
		WHERE name = ? AND until > ? AND since <= ? AND n > 0`, full(name), ms(now), ms(now.Add(aheadOfTime)))
	return err
}

// ResetCounter forgets a count, as after a right password.
func (tx *Tx) ResetCounter(name []byte) error {
	_, err := tx.c.exec(`
		DELETE FROM counter
		WHERE name = ?`, full(name))
	return err
}

// ForgetCounters takes away those whose window does not run at now, and returns how
// many.
func (tx *Tx) ForgetCounters(now time.Time) (int64, error) {
	return tx.c.exec(`
		DELETE FROM counter
		WHERE until <= ? OR since > ?`, ms(now), ms(now.Add(aheadOfTime)))
}

// Forget forgets a count in a transaction of its own; see Tx.ResetCounter.
func (db *DB) Forget(ctx context.Context, name []byte) error {
	return db.Update(ctx, func(tx *Tx) error { return tx.ResetCounter(name) })
}
