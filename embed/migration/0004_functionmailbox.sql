-- +goose Up
-- Function mailboxes: what several people of the house read together. Address and name
-- stand in the box. A holder whose owner is a mailbox has its id where a person's would
-- be, and an epoch the id of the generation to which it is sealed.

CREATE TABLE function_mailbox (
  id      BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  unit    BLOB    NOT NULL REFERENCES unit (id),
  lookup  BLOB    NOT NULL UNIQUE CHECK (length(lookup) = 32), -- keyed hash of the address
  columns BLOB    NOT NULL,                                    -- box
  rules   INTEGER NOT NULL CHECK (rules BETWEEN 0 AND 7),
  alarm   INTEGER NOT NULL CHECK (alarm >= 0),                 -- working days; 0: never
  at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX function_mailbox_unit ON function_mailbox (unit);

CREATE TABLE generation (
  id      BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  mailbox BLOB    NOT NULL REFERENCES function_mailbox (id),
  n       INTEGER NOT NULL CHECK (n > 0),
  public  BLOB    NOT NULL,
  at      INTEGER NOT NULL,
  UNIQUE (mailbox, n)
) STRICT, WITHOUT ROWID;

-- A generation's seed under one lock.
CREATE TABLE generation_wrap (
  generation BLOB    NOT NULL REFERENCES generation (id),
  kind       INTEGER NOT NULL CHECK (kind IN (3, 4, 6)),        -- R, H, a member
  member     BLOB    NOT NULL CHECK (length(member) = 16),      -- zeros for R and H
  slot       INTEGER NOT NULL,
  box        BLOB    NOT NULL,
  PRIMARY KEY (generation, kind, member),
  CHECK ((kind = 6) = (member <> zeroblob(16)))
) STRICT, WITHOUT ROWID;
CREATE INDEX generation_wrap_member ON generation_wrap (member);

CREATE TABLE mailbox_member (
  mailbox BLOB    NOT NULL REFERENCES function_mailbox (id),
  person  BLOB    NOT NULL REFERENCES person (id),
  role    INTEGER NOT NULL CHECK (role IN (1, 2)), -- reader, substitute
  asks    INTEGER NOT NULL CHECK (asks IN (0, 1)), -- for what came before
  since   INTEGER NOT NULL,
  PRIMARY KEY (mailbox, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX mailbox_member_person ON mailbox_member (person);

-- Which member has a thread.
CREATE TABLE claim (
  mailbox BLOB    NOT NULL REFERENCES function_mailbox (id),
  thread  BLOB    NOT NULL CHECK (length(thread) = 16),
  person  BLOB    NOT NULL REFERENCES person (id),
  at      INTEGER NOT NULL,
  PRIMARY KEY (mailbox, thread)
) STRICT, WITHOUT ROWID;
CREATE INDEX claim_person ON claim (person);
CREATE INDEX claim_thread ON claim (thread);

-- A note to colleagues about a message.
CREATE TABLE remark (
  id         BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  message    BLOB    NOT NULL REFERENCES message (id) ON DELETE CASCADE,
  mailbox    BLOB    NOT NULL REFERENCES function_mailbox (id),
  generation BLOB    NOT NULL CHECK (length(generation) = 16),
  author     BLOB    NOT NULL REFERENCES person (id),
  at         INTEGER NOT NULL,
  box        BLOB    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX remark_message ON remark (message, at);
CREATE INDEX remark_mailbox ON remark (mailbox);

-- When a mailbox's people were last told that a letter lies unread.
CREATE TABLE alarm (
  holder BLOB    NOT NULL PRIMARY KEY REFERENCES holder (id),
  at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
