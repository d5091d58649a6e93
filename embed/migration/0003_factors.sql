-- +goose Up
-- Second factors. The table session goes: sessions live in memory with the keys that
-- they have opened, a restart signs everybody out, and no row was ever written.
DROP TABLE session;

-- A person's second factor: an app for codes, and the reserve phone.
CREATE TABLE factor (
  person BLOB    NOT NULL PRIMARY KEY REFERENCES person (id),
  box    BLOB    NOT NULL,
  step   INTEGER NOT NULL, -- of 30 seconds since 1970: codes of it and of those before are used up
  at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A printed sign-in code that is not used yet. All of a set have one salt.
CREATE TABLE sign_in_code (
  person BLOB    NOT NULL REFERENCES factor (person) ON DELETE CASCADE,
  hash   BLOB    NOT NULL CHECK (length(hash) = 32),
  salt   BLOB    NOT NULL CHECK (length(salt) = 16),
  at     INTEGER NOT NULL,
  PRIMARY KEY (person, hash)
) STRICT, WITHOUT ROWID;
