-- +goose Up
-- Contact lists: who finds a unit's people and function mailboxes, and whom it has put
-- there from outside.
ALTER TABLE unit ADD COLUMN listing INTEGER NOT NULL DEFAULT 0 CHECK (listing BETWEEN 0 AND 3); -- 0: as the unit above; of a group: nobody

CREATE TABLE listed (
  id      BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  unit    BLOB    NOT NULL REFERENCES unit (id),
  columns BLOB    NOT NULL,
  at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX listed_unit ON listed (unit);
