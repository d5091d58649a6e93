-- +goose Up
-- Registered recipients: people from outside with a mailbox of their own, in no unit.
ALTER TABLE person ADD COLUMN kind INTEGER NOT NULL DEFAULT 0 CHECK (kind IN (0, 1)); -- of the house, registered recipient
