-- +goose Up
-- Who changed a setting last: the journal tells it too, but has no index.
CREATE TABLE setting_change (
  place  BLOB    NOT NULL CHECK (length(place) = 16),  -- unit, function mailbox or person; of the house's own, the root
  name   TEXT    NOT NULL,
  person BLOB    NOT NULL CHECK (length(person) = 16), -- zeros: the machine itself
  at     INTEGER NOT NULL,
  PRIMARY KEY (place, name)
) STRICT, WITHOUT ROWID;
