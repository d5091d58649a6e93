-- +goose Up
-- Whether mails that tell a citizen of a letter hold a link, or say where to type the code.
ALTER TABLE unit ADD COLUMN links INTEGER NOT NULL DEFAULT 0 CHECK (links BETWEEN 0 AND 2); -- 0: as the unit above; 1: they do; 2: they do not
