-- +goose Up
-- What the door has seen of each mail, also of those that it has not taken. Such a mail has no
-- letter with which the trace of it could end. So all of a day are sealed under a key of that
-- day, and what they are found by hangs on the same key: its slot is erased when the days that
-- they are kept are over, and a backup of the rows opens nothing and can be tried for no address.
CREATE TABLE arrival_day (
  day       INTEGER NOT NULL PRIMARY KEY, -- since 1970, in UTC
  slot      INTEGER NOT NULL,             -- SK_d, in shred.slots
  house     INTEGER NOT NULL,             -- rows of who had shown to be of the house
  strangers INTEGER NOT NULL,             -- and of others
  beyond    INTEGER NOT NULL              -- mails that were only counted, for there were too many
) STRICT;

-- Of a mail that was taken no address is in the box: its letters know them, and forget them.
CREATE TABLE arrival (
  id  BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  day INTEGER NOT NULL REFERENCES arrival_day (day),
  box BLOB    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX arrival_of_day ON arrival (day);

CREATE TABLE arrival_tag (
  day INTEGER NOT NULL,
  tag BLOB    NOT NULL CHECK (length(tag) = 16), -- of an address, a Message-ID or a letter
  id  BLOB    NOT NULL CHECK (length(id) = 16),
  PRIMARY KEY (day, tag, id)
) STRICT, WITHOUT ROWID;
