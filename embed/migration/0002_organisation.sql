-- +goose Up
-- The organisation: a tree of units, who belongs to which, and who may organise which.
-- Names stand in the boxes. The root is a unit like the others and is made here; its
-- id is mail.RootUnit.

-- A department, or a group of outsiders.
CREATE TABLE unit (
  id      BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  parent  BLOB    REFERENCES unit (id),             -- NULL for the root alone
  kind    INTEGER NOT NULL CHECK (kind IN (1, 2)),  -- department, group
  columns BLOB    NOT NULL,                         -- box
  starts  INTEGER NOT NULL,
  ends    INTEGER NOT NULL,
  sms     INTEGER NOT NULL CHECK (sms IN (0, 1)),   -- the house pays
  at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX unit_parent ON unit (parent);
CREATE UNIQUE INDEX unit_root ON unit (kind) WHERE parent IS NULL;

INSERT INTO unit (id, parent, kind, columns, starts, ends, sms, at)
VALUES (x'00000000000000000000000000000001', NULL, 1, x'', 0, 0, 1, 0);

CREATE TABLE membership (
  person BLOB    NOT NULL REFERENCES person (id),
  unit   BLOB    NOT NULL REFERENCES unit (id),
  home   INTEGER NOT NULL CHECK (home IN (0, 1)),
  since  INTEGER NOT NULL,
  PRIMARY KEY (person, unit)
) STRICT, WITHOUT ROWID;
CREATE INDEX membership_unit ON membership (unit);
CREATE UNIQUE INDEX membership_home ON membership (person) WHERE home = 1;

CREATE TABLE organiser (
  person BLOB    NOT NULL REFERENCES person (id),
  unit   BLOB    NOT NULL REFERENCES unit (id),
  since  INTEGER NOT NULL,
  PRIMARY KEY (person, unit)
) STRICT, WITHOUT ROWID;
CREATE INDEX organiser_unit ON organiser (unit);

-- Until now an organiser was one of the whole house.
INSERT INTO organiser (person, unit, since)
SELECT id, x'00000000000000000000000000000001', at
FROM person
WHERE roles & 2 <> 0;
UPDATE person SET roles = roles & ~2 WHERE roles & 2 <> 0;
