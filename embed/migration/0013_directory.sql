-- +goose Up
-- Who came from the house's directory, and how its last reading went. Names and addresses
-- stand in neither in clear.
CREATE TABLE directory_person (
  id     BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 32),     -- keyed hash of what stays of an entry
  person BLOB    NOT NULL UNIQUE REFERENCES person (id),
  name   BLOB    NOT NULL CHECK (length(name) = 32),               -- keyed hash of what it last said
  units  BLOB    NOT NULL CHECK (length(units) = 32),              -- the same
  out    INTEGER NOT NULL                                          -- since when it keeps them out; 0: it does not
) STRICT, WITHOUT ROWID;

CREATE TABLE directory_run (
  one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1), -- the last
  at  INTEGER NOT NULL,
  box BLOB    NOT NULL
) STRICT;
