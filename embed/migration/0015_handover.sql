-- +goose Up
-- Handing over the mailbox of who leaves, and its end.

-- Which organiser asks for what came before to a function mailbox; NULL: nobody does, or
-- it is not known. Another one may give it, with the helper pair.
ALTER TABLE mailbox_member ADD COLUMN asker BLOB REFERENCES person (id);

-- From when on somebody is kept out: the end of their last day. 0: no day is known.
ALTER TABLE person ADD COLUMN leaves INTEGER NOT NULL DEFAULT 0;

-- Who has suspended somebody, or set that day; NULL: the machine.
ALTER TABLE person ADD COLUMN out_by BLOB REFERENCES person (id);

-- When a function mailbox ends, with its keys and all that is in it, and by which disposal
-- decision. 0: it does not.
ALTER TABLE function_mailbox ADD COLUMN ends INTEGER NOT NULL DEFAULT 0;
ALTER TABLE function_mailbox ADD COLUMN decision TEXT NOT NULL DEFAULT '';
