-- +goose Up
-- Faults of the machine that were found, so that each is told once, and its end too, whatever
-- restarts in between. Nothing in it is about people or letters.
CREATE TABLE fault (
  name   TEXT    NOT NULL PRIMARY KEY,                    -- the check, and what it says
  seen   INTEGER NOT NULL,                                -- when it was found first
  times  INTEGER NOT NULL CHECK (times BETWEEN 1 AND 2),  -- how often in a row; more are two
  missed INTEGER NOT NULL CHECK (missed BETWEEN 0 AND 2), -- how often in a row it was not found since
  told   INTEGER NOT NULL,                                -- when it was told; 0: it was not
  ended  INTEGER NOT NULL,                                -- when its end was told; 0: it was not
  calls  INTEGER NOT NULL CHECK (calls >= 0)              -- how often the webhook is still to be tried; 0: it is not
) STRICT, WITHOUT ROWID;
