-- +goose Up
-- What a person or function mailbox used on a day, in the department where they were at
-- home when it was counted. Nothing is written here when a letter is accepted: finished
-- days are counted afterwards, and SMS as they go. Names stand in no row.

CREATE TABLE usage (
  day        INTEGER NOT NULL,                             -- of the house's calendar, since 1970
  owner      BLOB    NOT NULL CHECK (length(owner) = 16),
  unit       BLOB    NOT NULL CHECK (length(unit) = 16),   -- may be gone since
  letters    INTEGER NOT NULL,
  recipients INTEGER NOT NULL,
  bytes      INTEGER NOT NULL,                             -- of the letters, clear
  sms        INTEGER NOT NULL,                             -- parts
  cost       INTEGER NOT NULL,                             -- of the SMS, millionths of the house's currency; 0: not known
  PRIMARY KEY (day, owner, unit)
) STRICT, WITHOUT ROWID;
