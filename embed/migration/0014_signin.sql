-- +goose Up
-- Signing in by passkey and by the organisation's own sign-on.

-- A passkey. The box says which it is, and what its signatures are checked by. With the
-- PRF extension it opens the person's key: then there is a slot, and the seed in lock.
CREATE TABLE passkey (
  id         BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  person     BLOB    NOT NULL REFERENCES person (id),
  credential BLOB    NOT NULL UNIQUE CHECK (length(credential) = 32), -- keyed hash of the credential's id
  columns    BLOB    NOT NULL,
  slot       INTEGER NOT NULL,
  lock       BLOB    NOT NULL CHECK ((slot = 0) = (length(lock) = 0)),
  at         INTEGER NOT NULL,
  used       INTEGER NOT NULL                                          -- 0: never
) STRICT, WITHOUT ROWID;
CREATE INDEX passkey_person ON passkey (person);

-- Whom the provider of the sign-on means by a subject.
CREATE TABLE sign_on (
  person  BLOB    NOT NULL PRIMARY KEY REFERENCES person (id),
  subject BLOB    NOT NULL UNIQUE CHECK (length(subject) = 32), -- keyed hash of issuer and subject
  at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Seeds that the server itself can open, where an administrator has turned that on.
CREATE TABLE held_seed (
  person BLOB    NOT NULL PRIMARY KEY REFERENCES person (id),
  slot   INTEGER NOT NULL,
  box    BLOB    NOT NULL,
  at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
