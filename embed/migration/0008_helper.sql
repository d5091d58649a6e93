-- +goose Up
-- Helper pairs: by which those who organise a branch help its people to a new password.

CREATE TABLE helper (
  id     BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  unit   BLOB    NOT NULL REFERENCES unit (id),
  public BLOB    NOT NULL,
  at     INTEGER NOT NULL,
  old    INTEGER NOT NULL CHECK (old IN (0, 1)) -- another pair has taken its place
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX helper_current ON helper (unit) WHERE old = 0;
CREATE INDEX helper_unit ON helper (unit);

-- A helper pair's seed under one lock.
CREATE TABLE helper_wrap (
  helper BLOB    NOT NULL REFERENCES helper (id),
  kind   INTEGER NOT NULL CHECK (kind IN (3, 6)),       -- R, an organiser
  member BLOB    NOT NULL CHECK (length(member) = 16),  -- zeros for R
  slot   INTEGER NOT NULL,
  box    BLOB    NOT NULL,
  PRIMARY KEY (helper, kind, member),
  CHECK ((kind = 6) = (member <> zeroblob(16)))
) STRICT, WITHOUT ROWID;
CREATE INDEX helper_wrap_member ON helper_wrap (member);

-- To which pair a seed is locked; NULL: it is no lock for helpers, or for the pair that
-- stands with the recovery kit.
ALTER TABLE seed_wrap ADD COLUMN helper BLOB REFERENCES helper (id) CHECK (helper IS NULL OR kind = 4);
ALTER TABLE generation_wrap ADD COLUMN helper BLOB REFERENCES helper (id) CHECK (helper IS NULL OR kind = 4);
CREATE INDEX seed_wrap_helper ON seed_wrap (helper) WHERE helper IS NOT NULL;
CREATE INDEX generation_wrap_helper ON generation_wrap (helper) WHERE helper IS NOT NULL;

-- Helping somebody of a unit, or of one below it, always takes two organisers.
ALTER TABLE unit ADD COLUMN two_help INTEGER NOT NULL DEFAULT 0 CHECK (two_help IN (0, 1));
