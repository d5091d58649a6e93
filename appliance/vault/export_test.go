package vault

import "context"

// Checkpoint copies the log into the database, as the writer does when it has grown long.
func Checkpoint(db *DB) error {
	return db.between(context.Background(), db.writer.copyLog)
}
