-- +goose Up
-- Mail domains of the house beside those of the configuration.
CREATE TABLE domain (
  name   TEXT    NOT NULL PRIMARY KEY,                    -- lower case, as people write it
  token  BLOB    NOT NULL CHECK (length(token) = 16),     -- what a TXT record there is to hold
  proof  INTEGER NOT NULL CHECK (proof IN (0, 1, 2)),     -- none yet, DNS, an administrator's word
  at     INTEGER NOT NULL,
  proven INTEGER NOT NULL                                 -- 0: not yet
) STRICT, WITHOUT ROWID;
