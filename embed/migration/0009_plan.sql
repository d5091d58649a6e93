-- +goose Up
-- What people may send: a unit sponsors a plan for its people, a person may have one of
-- their own.
ALTER TABLE unit   ADD COLUMN plan INTEGER NOT NULL DEFAULT 0 CHECK (plan BETWEEN 0 AND 5); -- 0: as the unit above
ALTER TABLE person ADD COLUMN plan INTEGER NOT NULL DEFAULT 0 CHECK (plan BETWEEN 0 AND 5); -- 0: none of one's own
