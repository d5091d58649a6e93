-- +goose Up
-- What a unit says of itself: name, colours, logo and texts. A unit without a row shows
-- what the one above does.
CREATE TABLE brand (
  unit    BLOB    NOT NULL PRIMARY KEY REFERENCES unit (id),
  columns BLOB    NOT NULL CHECK (length(columns) <= 131072),
  at      INTEGER NOT NULL
) STRICT;
