-- +goose Up
-- What became of letters, counted by day and unit: no row says whose they were or to whom
-- they went, and none changes when a letter is erased. It is counted from the journal, whose
-- last counted entry stands in the setting figures.counted, in the same transaction.

CREATE TABLE figure (
  day         INTEGER NOT NULL,                           -- of the house's calendar, since 1970
  unit        BLOB    NOT NULL CHECK (length(unit) = 16), -- of the sender, when it was counted; may be gone since
  recipients  INTEGER NOT NULL,                           -- of letters that were sent on this day
  held        INTEGER NOT NULL,                           -- of those: waited for a number
  same_day    INTEGER NOT NULL,                           -- of those: opened on the same day
  three_days  INTEGER NOT NULL,                           -- after that, within three days
  seven_days  INTEGER NOT NULL,                           -- after that, within seven
  later       INTEGER NOT NULL,
  never       INTEGER NOT NULL,                           -- ended unopened
  bounced     INTEGER NOT NULL,                           -- notices that came back on this day
  undelivered INTEGER NOT NULL,                           -- SMS to readers that did not arrive, on this day
  closed      INTEGER NOT NULL,                           -- letters that wrong codes have closed, on this day
  PRIMARY KEY (day, unit)
) STRICT, WITHOUT ROWID;
