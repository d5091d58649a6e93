-- +goose Up
-- First readings of which who sent the letter is still to be told by SMS.
CREATE TABLE reading (
  holder BLOB    NOT NULL PRIMARY KEY REFERENCES holder (id), -- the recipient's
  person BLOB    NOT NULL REFERENCES person (id),             -- who is told
  at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX reading_person ON reading (person, at);

-- What a list shows of a letter against what its opening says. The times of the opening, by
-- which a sender is told, stay what they are.
ALTER TABLE holder ADD COLUMN mark INTEGER NOT NULL DEFAULT 0 CHECK (mark BETWEEN 0 AND 2); -- 0: nothing; 1: read; 2: unread

DROP INDEX holder_unread;

CREATE INDEX holder_unread ON holder (owner, at, id)
  WHERE kind = 1 AND folder = 0 AND (mark = 2 OR mark = 0 AND opened = 0) AND state < 2;
