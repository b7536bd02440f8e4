-- By what an item is compared with others that may report the same news. Kept for some days: `at` is when the item was
-- published or seen. `keys` are its own in `story_key`, so that they can follow it to another story.
CREATE TABLE report (
  item INTEGER PRIMARY KEY REFERENCES item ON DELETE CASCADE,
  at   INTEGER NOT NULL,
  keys BLOB    NOT NULL CHECK (length(keys) % 16 = 0),
  body BLOB    NOT NULL
) STRICT;
