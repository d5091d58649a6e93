-- +goose Up
-- Handing over the mailbox of who leaves.

-- Which organiser asks for what came before to a function mailbox; NULL: nobody does, or
-- it is not known. Another one may give it, with the helper pair.
ALTER TABLE mailbox_member ADD COLUMN asker BLOB REFERENCES person (id);

-- From when on somebody is kept out: the end of their last day. 0: no day is known.
ALTER TABLE person ADD COLUMN leaves INTEGER NOT NULL DEFAULT 0;
