-- +goose Up
-- What a registered recipient has shown of themself, and when: an account is of use for new
-- letters only as long as inbox and phone are theirs.
CREATE TABLE registration (
  person  BLOB    NOT NULL PRIMARY KEY REFERENCES person (id),
  inbox   INTEGER NOT NULL, -- of the last mail to the address that was shown to have reached them; 0: none was
  lost    INTEGER NOT NULL, -- when a mail to the address last came back; 0: none did
  phone   INTEGER NOT NULL, -- when a PIN to the registered phone was last right; 0: never
  offered INTEGER NOT NULL, -- when the last mail went by which they may become one of the house; 0: none did
  offers  INTEGER NOT NULL, -- how many of these went
  why     TEXT    NOT NULL  -- for which of the reasons the house has suspended the account; empty: it has not
) STRICT, WITHOUT ROWID;

-- Who has registered before had shown both that day. What they have shown since was not
-- written down. So an account is of use for 90 days more (of 400, see the office), and nobody's
-- letters go elsewhere on the day of the update.
INSERT INTO registration (person, inbox, lost, phone, offered, offers, why)
SELECT id, shown, 0, shown, 0, 0, ''
FROM (
  SELECT id, CASE active WHEN 1 THEN max(at, (unixepoch() - 310 * 86400) * 1000) ELSE 0 END AS shown
  FROM person
  WHERE kind = 1
);
