-- +goose Up
-- The end of which a mailbox' people were told once more.
ALTER TABLE function_mailbox ADD COLUMN reminded INTEGER NOT NULL DEFAULT 0;
