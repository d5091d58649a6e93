-- +goose Up
-- Texts that a unit keeps for its people's letters, and what stands below those.
CREATE TABLE template (
  id      BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  unit    BLOB    NOT NULL REFERENCES unit (id),
  columns BLOB    NOT NULL, -- box
  at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX template_unit ON template (unit);

CREATE TABLE signature (
  owner BLOB    NOT NULL PRIMARY KEY CHECK (length(owner) = 16), -- a unit, or a person
  box   BLOB    NOT NULL,
  at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
