-- +goose Up
-- Since when somebody may not sign in; 0: they may.
ALTER TABLE person ADD COLUMN suspended INTEGER NOT NULL DEFAULT 0;
