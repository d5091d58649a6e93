-- +goose Up
-- Files on their way into drafts. What is there of them are parts of the draft.
CREATE TABLE upload (
  message BLOB    NOT NULL REFERENCES message (id) ON DELETE CASCADE,
  n       INTEGER NOT NULL,                             -- of the part that it becomes
  person  BLOB    NOT NULL CHECK (length(person) = 16), -- who sends it
  size    INTEGER NOT NULL,                             -- clear bytes of the whole
  box     BLOB    NOT NULL,                             -- an age file: name, type, what is there
  at      INTEGER NOT NULL,                             -- when its last piece came
  PRIMARY KEY (message, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX upload_person ON upload (person);
CREATE INDEX upload_at ON upload (at);
