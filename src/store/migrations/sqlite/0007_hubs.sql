-- Who tells of a feed's news, as its last document says; and whether its next poll was put off because of that.
ALTER TABLE feed ADD COLUMN offer TEXT CHECK (json_valid(offer));
ALTER TABLE feed ADD COLUMN eased INTEGER NOT NULL DEFAULT 0 CHECK (eased IN (0, 1));

-- What has passed between us and a hub, for each topic.
CREATE TABLE subscription (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  hub      TEXT NOT NULL,
  topic    TEXT NOT NULL,
  dealings TEXT NOT NULL CHECK (json_valid(dealings)),
  UNIQUE (hub, topic)
) STRICT;

-- Whose an address is at which a hub calls.
CREATE TABLE callback (
  path         TEXT    PRIMARY KEY,
  subscription INTEGER NOT NULL REFERENCES subscription ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX callback_subscription ON callback (subscription);
