package vault

import "time"

// Counter returns how often name was counted in the window that runs at now; 0 if
// none does.
func (tx *ReadTx) Counter(name []byte, now time.Time) (int64, error) {
	return one(tx.c, scanInt, `
		SELECT COALESCE(SUM(n), 0)
		FROM counter
		WHERE name = ? AND until > ?`, full(name), ms(now))
}

// Count counts name once more and returns how often that makes. The first count
// opens a window; when it is over at now, counting begins anew. The count is durable
// when Update has returned, so what it limits comes after that: a crash must not
// give a try back.
func (tx *Tx) Count(name []byte, now time.Time, window time.Duration) (int64, error) {
	return one(tx.c, scanInt, `
		INSERT INTO counter (name, n, since, until)
		VALUES (?, 1, ?, ?)
		ON CONFLICT (name) DO UPDATE
		SET n     = CASE WHEN until > excluded.since THEN n + 1 ELSE 1 END,
			since = CASE WHEN until > excluded.since THEN since ELSE excluded.since END,
			until = CASE WHEN until > excluded.since THEN until ELSE excluded.until END
		RETURNING n`, full(name), ms(now), ms(now.Add(window)))
}

// ResetCounter forgets a count, as after a right password.
func (tx *Tx) ResetCounter(name []byte) error {
	_, err := tx.c.exec(`
		DELETE FROM counter
		WHERE name = ?`, full(name))
	return err
}

// ForgetCounters takes away those whose window is over at now, and returns how many.
func (tx *Tx) ForgetCounters(now time.Time) (int64, error) {
	return tx.c.exec(`
		DELETE FROM counter
		WHERE until <= ?`, ms(now))
}
