-- +goose Up
-- From when on the people of a unit, and of all below it, must have a second factor.
ALTER TABLE unit ADD COLUMN factor_from INTEGER NOT NULL DEFAULT 0; -- 0: need not
