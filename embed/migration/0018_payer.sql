-- +goose Up
-- Of the SMS and their cost: what a sponsored group pays itself. Until now it was the house's.
ALTER TABLE usage ADD COLUMN group_sms INTEGER NOT NULL DEFAULT 0;  -- parts
ALTER TABLE usage ADD COLUMN group_cost INTEGER NOT NULL DEFAULT 0; -- millionths of the house's currency
