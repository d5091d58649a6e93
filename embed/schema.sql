-- Where all migrations lead. A test of vault writes and holds it.

CREATE TABLE message (
  id        BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  thread    BLOB    NOT NULL CHECK (length(thread) = 16),
  way       INTEGER NOT NULL CHECK (way IN (0, 1, 2)),     -- out, in, within
  state     INTEGER NOT NULL CHECK (state IN (0, 1, 2, 3)), -- unsent, active, purging, erased
  owner     BLOB    NOT NULL CHECK (length(owner) = 16),   -- whose copy the house's is
  slot      INTEGER NOT NULL,                              -- SK_m, in shred.slots; 0 once erased
  envelope  BLOB    NOT NULL,                              -- box; empty once erased
  head      BLOB    NOT NULL,                              -- box; empty once erased
  size      INTEGER NOT NULL,
  at        INTEGER NOT NULL,
  level     INTEGER NOT NULL,
  receipt   INTEGER NOT NULL,
  last_day  INTEGER NOT NULL,                              -- end of the house's copy; 0: no timer
  ended     INTEGER NOT NULL,
  why       INTEGER NOT NULL
) STRICT;

CREATE INDEX message_thread ON message (thread, at);

CREATE INDEX message_purging ON message (id) WHERE state = 2;

CREATE TABLE part (
  message BLOB    NOT NULL REFERENCES message (id) ON DELETE CASCADE,
  n       INTEGER NOT NULL,
  piece   INTEGER NOT NULL,
  size    INTEGER NOT NULL,             -- clear bytes
  box     BLOB,                         -- an age file, or NULL if in blob
  blob    BLOB CHECK (length(blob) = 16),
  PRIMARY KEY (message, n, piece),
  CHECK ((box IS NULL) <> (blob IS NULL))
) STRICT;

CREATE INDEX part_blob ON part (blob) WHERE blob IS NOT NULL;

CREATE TABLE holder (
  id         BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  message    BLOB    NOT NULL REFERENCES message (id),
  kind       INTEGER NOT NULL CHECK (kind IN (1, 2, 3, 4)), -- person, guest, repair, transit
  owner      BLOB    NOT NULL CHECK (length(owner) = 16),   -- person; zeros for a guest
  house      INTEGER NOT NULL,
  folder     INTEGER NOT NULL CHECK (folder BETWEEN 0 AND 4), -- inbox, sent, drafts, trash, kept
  state      INTEGER NOT NULL CHECK (state IN (0, 1, 2, 3)),
  slot       INTEGER NOT NULL,                              -- SK_h
  columns    BLOB    NOT NULL,                              -- box
  level      INTEGER NOT NULL,
  channel    INTEGER NOT NULL,
  hold       INTEGER NOT NULL,
  open_by    INTEGER NOT NULL,
  read_for   INTEGER NOT NULL,                              -- milliseconds
  read_until INTEGER NOT NULL,
  opened     INTEGER NOT NULL,
  seen       INTEGER NOT NULL,
  wrong      INTEGER NOT NULL,                              -- wrong PINs in all
  locked     INTEGER NOT NULL,
  ended      INTEGER NOT NULL,
  why        INTEGER NOT NULL,
  at         INTEGER NOT NULL,                              -- the message's, so that a mailbox is one index
  due        INTEGER NOT NULL                               -- when it ends by itself; 0: never
, mark INTEGER NOT NULL DEFAULT 0 CHECK (mark BETWEEN 0 AND 2)) STRICT;

CREATE INDEX holder_message ON holder (message);

CREATE INDEX holder_owner ON holder (owner, folder, at, id) WHERE kind = 1;

CREATE INDEX holder_due ON holder (due) WHERE state < 2 AND due > 0;

CREATE INDEX holder_purging ON holder (id) WHERE state = 2;

CREATE TABLE wrap (
  holder BLOB    NOT NULL REFERENCES holder (id) ON DELETE CASCADE,
  kind   INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 6),
  ref    BLOB    NOT NULL CHECK (length(ref) = 16),
  box    BLOB    NOT NULL,
  PRIMARY KEY (holder, kind, ref)
) STRICT, WITHOUT ROWID;

CREATE TABLE code (
  id      BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  kind    INTEGER NOT NULL CHECK (kind IN (1, 2, 3)), -- guest, repair, invitation
  locator BLOB    NOT NULL UNIQUE CHECK (length(locator) = 32),
  holder  BLOB    NOT NULL CHECK (length(holder) = 16), -- for an invitation: the person
  slot    INTEGER NOT NULL,
  expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX code_holder ON code (holder);

CREATE TABLE epoch (
  id    BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  owner BLOB    NOT NULL CHECK (length(owner) = 16),
  box   BLOB    NOT NULL,
  at    INTEGER NOT NULL
) STRICT;

CREATE TABLE pair (
  id     BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  thread BLOB NOT NULL CHECK (length(thread) = 16),
  code   BLOB NOT NULL REFERENCES code (id) ON DELETE CASCADE,
  public BLOB NOT NULL,
  seed   BLOB NOT NULL -- box
) STRICT, WITHOUT ROWID;

CREATE INDEX pair_thread ON pair (thread);

CREATE INDEX pair_code ON pair (code);

CREATE TABLE step (
  holder BLOB    NOT NULL REFERENCES holder (id),
  seq    INTEGER NOT NULL,
  kind   INTEGER NOT NULL,
  at     INTEGER NOT NULL,
  detail TEXT    NOT NULL, -- a code such as "550 5.1.1"; never an address
  PRIMARY KEY (holder, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE tombstone (
  locator BLOB    NOT NULL PRIMARY KEY CHECK (length(locator) = 32),
  ended   INTEGER NOT NULL,
  why     INTEGER NOT NULL,
  forget  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX tombstone_forget ON tombstone (forget);

CREATE TABLE outbox (
  id      BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  kind    TEXT    NOT NULL,
  message BLOB    NOT NULL CHECK (length(message) = 16),
  holder  BLOB    NOT NULL CHECK (length(holder) = 16),
  slot    INTEGER NOT NULL, -- in link.slots; 0 once the mail is gone
  box     BLOB    NOT NULL, -- empty once the mail is gone
  at      INTEGER NOT NULL,
  next    INTEGER NOT NULL, -- not before; 0: gone or given up
  tries   INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  bounce  BLOB    NOT NULL CHECK (length(bounce) = 16)
) STRICT;

CREATE INDEX outbox_next ON outbox (next) WHERE next > 0;

CREATE INDEX outbox_holder ON outbox (holder);

CREATE UNIQUE INDEX outbox_bounce ON outbox (bounce);

CREATE TABLE ledger (
  id     BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16), -- of the holder or message
  what   INTEGER NOT NULL CHECK (what IN (1, 2)),              -- holder, message
  why    INTEGER NOT NULL,
  actor  INTEGER NOT NULL,
  asked  INTEGER NOT NULL,
  done   INTEGER NOT NULL                                      -- 0: not yet
) STRICT, WITHOUT ROWID;

CREATE INDEX ledger_open ON ledger (asked) WHERE done = 0;

CREATE TABLE journal (
  seq     INTEGER NOT NULL PRIMARY KEY,
  at      INTEGER NOT NULL,
  kind    TEXT    NOT NULL,
  actor   INTEGER NOT NULL,
  part    TEXT    NOT NULL,
  message BLOB    NOT NULL CHECK (length(message) = 16),
  holder  BLOB    NOT NULL CHECK (length(holder) = 16),
  who     BLOB    NOT NULL CHECK (length(who) = 32),
  detail  TEXT    NOT NULL,
  hash    BLOB    NOT NULL CHECK (length(hash) = 32) -- over the entry and the hash before it
) STRICT;

CREATE TABLE person (
  id      BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  lookup  BLOB    NOT NULL UNIQUE CHECK (length(lookup) = 32), -- keyed hash of the address
  public  BLOB    NOT NULL,
  columns BLOB    NOT NULL,                                    -- box
  active  INTEGER NOT NULL,
  roles   INTEGER NOT NULL,
  at      INTEGER NOT NULL
, plan INTEGER NOT NULL DEFAULT 0 CHECK (plan BETWEEN 0 AND 5), suspended INTEGER NOT NULL DEFAULT 0, leaves INTEGER NOT NULL DEFAULT 0, out_by BLOB REFERENCES person (id), kind INTEGER NOT NULL DEFAULT 0 CHECK (kind IN (0, 1))) STRICT, WITHOUT ROWID;

CREATE TABLE seed_wrap (
  person BLOB    NOT NULL REFERENCES person (id),
  kind   INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 5),
  slot   INTEGER NOT NULL,
  box    BLOB    NOT NULL, helper BLOB REFERENCES helper (id) CHECK (helper IS NULL OR kind = 4),
  PRIMARY KEY (person, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE contact (
  lookup  BLOB    NOT NULL PRIMARY KEY CHECK (length(lookup) = 32),
  columns BLOB    NOT NULL, -- box: address, number, name, language
  at      INTEGER NOT NULL, -- when the number was given
  worked  INTEGER NOT NULL  -- when a PIN sent to it was last right
) STRICT, WITHOUT ROWID;

CREATE TABLE counter (
  name  BLOB    NOT NULL PRIMARY KEY,
  n     INTEGER NOT NULL,
  since INTEGER NOT NULL,
  until INTEGER NOT NULL -- then it begins anew
) STRICT, WITHOUT ROWID;

CREATE INDEX counter_until ON counter (until);

CREATE TABLE setting (
  name  TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL,
  at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE unit (
  id      BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  parent  BLOB    REFERENCES unit (id),             -- NULL for the root alone
  kind    INTEGER NOT NULL CHECK (kind IN (1, 2)),  -- department, group
  columns BLOB    NOT NULL,                         -- box
  starts  INTEGER NOT NULL,
  ends    INTEGER NOT NULL,
  sms     INTEGER NOT NULL CHECK (sms IN (0, 1)),   -- the house pays
  at      INTEGER NOT NULL
, factor_from INTEGER NOT NULL DEFAULT 0, two_help INTEGER NOT NULL DEFAULT 0 CHECK (two_help IN (0, 1)), plan INTEGER NOT NULL DEFAULT 0 CHECK (plan BETWEEN 0 AND 5), listing INTEGER NOT NULL DEFAULT 0 CHECK (listing BETWEEN 0 AND 3), links INTEGER NOT NULL DEFAULT 0 CHECK (links BETWEEN 0 AND 2)) STRICT, WITHOUT ROWID;

CREATE INDEX unit_parent ON unit (parent);

CREATE UNIQUE INDEX unit_root ON unit (kind) WHERE parent IS NULL;

CREATE TABLE membership (
  person BLOB    NOT NULL REFERENCES person (id),
  unit   BLOB    NOT NULL REFERENCES unit (id),
  home   INTEGER NOT NULL CHECK (home IN (0, 1)),
  since  INTEGER NOT NULL,
  PRIMARY KEY (person, unit)
) STRICT, WITHOUT ROWID;

CREATE INDEX membership_unit ON membership (unit);

CREATE UNIQUE INDEX membership_home ON membership (person) WHERE home = 1;

CREATE TABLE organiser (
  person BLOB    NOT NULL REFERENCES person (id),
  unit   BLOB    NOT NULL REFERENCES unit (id),
  since  INTEGER NOT NULL,
  PRIMARY KEY (person, unit)
) STRICT, WITHOUT ROWID;

CREATE INDEX organiser_unit ON organiser (unit);

CREATE TABLE factor (
  person BLOB    NOT NULL PRIMARY KEY REFERENCES person (id),
  box    BLOB    NOT NULL,
  step   INTEGER NOT NULL, -- of 30 seconds since 1970: codes of it and of those before are used up
  at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sign_in_code (
  person BLOB    NOT NULL REFERENCES factor (person) ON DELETE CASCADE,
  hash   BLOB    NOT NULL CHECK (length(hash) = 32),
  salt   BLOB    NOT NULL CHECK (length(salt) = 16),
  at     INTEGER NOT NULL,
  PRIMARY KEY (person, hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE function_mailbox (
  id      BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  unit    BLOB    NOT NULL REFERENCES unit (id),
  lookup  BLOB    NOT NULL UNIQUE CHECK (length(lookup) = 32), -- keyed hash of the address
  columns BLOB    NOT NULL,                                    -- box
  rules   INTEGER NOT NULL CHECK (rules BETWEEN 0 AND 7),
  alarm   INTEGER NOT NULL CHECK (alarm >= 0),                 -- working days; 0: never
  at      INTEGER NOT NULL
, ends INTEGER NOT NULL DEFAULT 0, decision TEXT NOT NULL DEFAULT '', reminded INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;

CREATE INDEX function_mailbox_unit ON function_mailbox (unit);

CREATE TABLE generation (
  id      BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  mailbox BLOB    NOT NULL REFERENCES function_mailbox (id),
  n       INTEGER NOT NULL CHECK (n > 0),
  public  BLOB    NOT NULL,
  at      INTEGER NOT NULL,
  UNIQUE (mailbox, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE generation_wrap (
  generation BLOB    NOT NULL REFERENCES generation (id),
  kind       INTEGER NOT NULL CHECK (kind IN (3, 4, 6)),        -- R, H, a member
  member     BLOB    NOT NULL CHECK (length(member) = 16),      -- zeros for R and H
  slot       INTEGER NOT NULL,
  box        BLOB    NOT NULL, helper BLOB REFERENCES helper (id) CHECK (helper IS NULL OR kind = 4),
  PRIMARY KEY (generation, kind, member),
  CHECK ((kind = 6) = (member <> zeroblob(16)))
) STRICT, WITHOUT ROWID;

CREATE INDEX generation_wrap_member ON generation_wrap (member);

CREATE TABLE mailbox_member (
  mailbox BLOB    NOT NULL REFERENCES function_mailbox (id),
  person  BLOB    NOT NULL REFERENCES person (id),
  role    INTEGER NOT NULL CHECK (role IN (1, 2)), -- reader, substitute
  asks    INTEGER NOT NULL CHECK (asks IN (0, 1)), -- for what came before
  since   INTEGER NOT NULL, asker BLOB REFERENCES person (id),
  PRIMARY KEY (mailbox, person)
) STRICT, WITHOUT ROWID;

CREATE INDEX mailbox_member_person ON mailbox_member (person);

CREATE TABLE claim (
  mailbox BLOB    NOT NULL REFERENCES function_mailbox (id),
  thread  BLOB    NOT NULL CHECK (length(thread) = 16),
  person  BLOB    NOT NULL REFERENCES person (id),
  at      INTEGER NOT NULL,
  PRIMARY KEY (mailbox, thread)
) STRICT, WITHOUT ROWID;

CREATE INDEX claim_person ON claim (person);

CREATE INDEX claim_thread ON claim (thread);

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

CREATE TABLE alarm (
  holder BLOB    NOT NULL PRIMARY KEY REFERENCES holder (id),
  at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE usage (
  day        INTEGER NOT NULL,                             -- of the house's calendar, since 1970
  owner      BLOB    NOT NULL CHECK (length(owner) = 16),
  unit       BLOB    NOT NULL CHECK (length(unit) = 16),   -- may be gone since
  letters    INTEGER NOT NULL,
  recipients INTEGER NOT NULL,
  bytes      INTEGER NOT NULL,                             -- of the letters, clear
  sms        INTEGER NOT NULL,                             -- parts
  cost       INTEGER NOT NULL, group_sms INTEGER NOT NULL DEFAULT 0, group_cost INTEGER NOT NULL DEFAULT 0,                             -- of the SMS, millionths of the house's currency; 0: not known
  PRIMARY KEY (day, owner, unit)
) STRICT, WITHOUT ROWID;

CREATE TABLE app_password (
  id     BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  person BLOB    NOT NULL REFERENCES person (id),
  name   BLOB    NOT NULL,
  hash   BLOB    NOT NULL CHECK (length(hash) = 32), -- keyed
  at     INTEGER NOT NULL,
  used   INTEGER NOT NULL                            -- last, to about an hour; 0: never
) STRICT, WITHOUT ROWID;

CREATE INDEX app_password_person ON app_password (person);

CREATE TABLE helper (
  id     BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  unit   BLOB    NOT NULL REFERENCES unit (id),
  public BLOB    NOT NULL,
  at     INTEGER NOT NULL,
  old    INTEGER NOT NULL CHECK (old IN (0, 1)) -- another pair has taken its place
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX helper_current ON helper (unit) WHERE old = 0;

CREATE INDEX helper_unit ON helper (unit);

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

CREATE INDEX seed_wrap_helper ON seed_wrap (helper) WHERE helper IS NOT NULL;

CREATE INDEX generation_wrap_helper ON generation_wrap (helper) WHERE helper IS NOT NULL;

CREATE TABLE domain (
  name   TEXT    NOT NULL PRIMARY KEY,                    -- lower case, as people write it
  token  BLOB    NOT NULL CHECK (length(token) = 16),     -- what a TXT record there is to hold
  proof  INTEGER NOT NULL CHECK (proof IN (0, 1, 2)),     -- none yet, DNS, an administrator's word
  at     INTEGER NOT NULL,
  proven INTEGER NOT NULL                                 -- 0: not yet
) STRICT, WITHOUT ROWID;

CREATE TABLE listed (
  id      BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  unit    BLOB    NOT NULL REFERENCES unit (id),
  columns BLOB    NOT NULL,
  at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX listed_unit ON listed (unit);

CREATE TABLE directory_person (
  id     BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 32),     -- keyed hash of what stays of an entry
  person BLOB    NOT NULL UNIQUE REFERENCES person (id),
  name   BLOB    NOT NULL CHECK (length(name) = 32),               -- keyed hash of what it last said
  units  BLOB    NOT NULL CHECK (length(units) = 32),              -- the same
  out    INTEGER NOT NULL                                          -- since when it keeps them out; 0: it does not
) STRICT, WITHOUT ROWID;

CREATE TABLE directory_run (
  one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1), -- the last
  at  INTEGER NOT NULL,
  box BLOB    NOT NULL
) STRICT;

CREATE TABLE passkey (
  id         BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  person     BLOB    NOT NULL REFERENCES person (id),
  credential BLOB    NOT NULL UNIQUE CHECK (length(credential) = 32), -- keyed hash of the credential's id
  columns    BLOB    NOT NULL,
  slot       INTEGER NOT NULL,
  lock       BLOB    NOT NULL CHECK ((slot = 0) = (length(lock) = 0)),
  at         INTEGER NOT NULL,
  used       INTEGER NOT NULL                                          -- 0: never
) STRICT, WITHOUT ROWID;

CREATE INDEX passkey_person ON passkey (person);

CREATE TABLE sign_on (
  person  BLOB    NOT NULL PRIMARY KEY REFERENCES person (id),
  subject BLOB    NOT NULL UNIQUE CHECK (length(subject) = 32), -- keyed hash of issuer and subject
  at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE held_seed (
  person BLOB    NOT NULL PRIMARY KEY REFERENCES person (id),
  slot   INTEGER NOT NULL,
  box    BLOB    NOT NULL,
  at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE registration (
  person  BLOB    NOT NULL PRIMARY KEY REFERENCES person (id),
  inbox   INTEGER NOT NULL, -- of the last mail to the address that was shown to have reached them; 0: none was
  lost    INTEGER NOT NULL, -- when a mail to the address last came back; 0: none did
  phone   INTEGER NOT NULL, -- when a PIN to the registered phone was last right; 0: never
  offered INTEGER NOT NULL, -- when the last mail went by which they may become one of the house; 0: none did
  offers  INTEGER NOT NULL, -- how many of these went
  why     TEXT    NOT NULL  -- for which of the reasons the house has suspended the account; empty: it has not
) STRICT, WITHOUT ROWID;

CREATE TABLE brand (
  unit    BLOB    NOT NULL PRIMARY KEY REFERENCES unit (id),
  columns BLOB    NOT NULL CHECK (length(columns) <= 131072),
  at      INTEGER NOT NULL
) STRICT;

CREATE TABLE template (
  id      BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  unit    BLOB    NOT NULL REFERENCES unit (id),
  columns BLOB    NOT NULL, -- box
  at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX template_unit ON template (unit);

CREATE TABLE signature (
  owner BLOB    NOT NULL PRIMARY KEY CHECK (length(owner) = 16), -- a unit, or a person
  box   BLOB    NOT NULL,
  at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX holder_held ON holder (message) WHERE hold <> 0 AND state = 1;

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

CREATE TABLE setting_change (
  place  BLOB    NOT NULL CHECK (length(place) = 16),  -- unit, function mailbox or person; of the house's own, the root
  name   TEXT    NOT NULL,
  person BLOB    NOT NULL CHECK (length(person) = 16), -- zeros: the machine itself
  at     INTEGER NOT NULL,
  PRIMARY KEY (place, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE reading (
  holder BLOB    NOT NULL PRIMARY KEY REFERENCES holder (id), -- the recipient's
  person BLOB    NOT NULL REFERENCES person (id),             -- who is told
  at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX reading_person ON reading (person, at);

CREATE INDEX holder_unread ON holder (owner, at, id)
  WHERE kind = 1 AND folder = 0 AND (mark = 2 OR mark = 0 AND opened = 0) AND state < 2;

CREATE TABLE arrival_day (
  day       INTEGER NOT NULL PRIMARY KEY, -- since 1970, in UTC
  slot      INTEGER NOT NULL,             -- SK_d, in shred.slots
  house     INTEGER NOT NULL,             -- rows of who had shown to be of the house
  strangers INTEGER NOT NULL,             -- and of others
  beyond    INTEGER NOT NULL              -- mails that were only counted, for there were too many
) STRICT;

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

CREATE TABLE fault (
  name   TEXT    NOT NULL PRIMARY KEY,                    -- the check, and what it says
  seen   INTEGER NOT NULL,                                -- when it was found first
  times  INTEGER NOT NULL CHECK (times BETWEEN 1 AND 2),  -- how often in a row; more are two
  missed INTEGER NOT NULL CHECK (missed BETWEEN 0 AND 2), -- how often in a row it was not found since
  told   INTEGER NOT NULL,                                -- when it was told; 0: it was not
  ended  INTEGER NOT NULL,                                -- when its end was told; 0: it was not
  calls  INTEGER NOT NULL CHECK (calls >= 0)              -- how often the webhook is still to be tried; 0: it is not
) STRICT, WITHOUT ROWID;

CREATE TABLE spooled (
  id BLOB    NOT NULL PRIMARY KEY, -- of the file in DATA/spool
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
