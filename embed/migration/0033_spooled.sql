-- +goose Up
-- Mails that came while the appliance was locked and were taken in since. They are kept until
-- every file in DATA/spool is gone: after a crash in between none is taken in twice.
CREATE TABLE spooled (
  id BLOB    NOT NULL PRIMARY KEY, -- of the file in DATA/spool
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
