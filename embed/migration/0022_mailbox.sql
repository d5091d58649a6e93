-- +goose Up
-- What lies unread in an inbox is counted and listed without walking over the rest.
CREATE INDEX holder_unread ON holder (owner, at, id) WHERE kind = 1 AND folder = 0 AND opened = 0 AND state < 2;

-- What waits for a word of its sender's: few rows, however much the house has sent.
CREATE INDEX holder_held ON holder (message) WHERE hold <> 0 AND state = 1;
