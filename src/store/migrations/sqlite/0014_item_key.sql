-- For a check against a list of three, SQLite builds a table of its own with every row that is written.
CREATE TABLE item_key_new (
  feed      INTEGER NOT NULL REFERENCES feed,
  kind      INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 3), -- the feed's own id, the link, title and text
  key       BLOB    NOT NULL CHECK (length(key) = 16),
  item      INTEGER REFERENCES item ON DELETE SET NULL,
  last_seen INTEGER NOT NULL,
  PRIMARY KEY (feed, kind, key)
) STRICT, WITHOUT ROWID;

INSERT INTO item_key_new (feed, kind, key, item, last_seen) SELECT feed, kind, key, item, last_seen FROM item_key;
DROP TABLE item_key;
ALTER TABLE item_key_new RENAME TO item_key;

CREATE INDEX item_key_item ON item_key (item);
