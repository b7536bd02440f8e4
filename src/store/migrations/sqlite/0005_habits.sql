-- A feed's own ways, learned from poll to poll.
ALTER TABLE feed ADD COLUMN habits TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(habits));
