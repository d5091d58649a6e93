-- +goose Up
-- App passwords: by them mail programs sign in to send, and open nothing. The name that
-- the person gave stands in the box.

CREATE TABLE app_password (
  id     BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  person BLOB    NOT NULL REFERENCES person (id),
  name   BLOB    NOT NULL,
  hash   BLOB    NOT NULL CHECK (length(hash) = 32), -- keyed
  at     INTEGER NOT NULL,
  used   INTEGER NOT NULL                            -- last, to about an hour; 0: never
) STRICT, WITHOUT ROWID;
CREATE INDEX app_password_person ON app_password (person);
