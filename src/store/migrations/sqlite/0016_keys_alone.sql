-- Each of an item's keys was looked up in two other tables before it was written. Feeds stay, and items go in one place, which
-- sees to their keys.
CREATE TABLE item_key_new (
  feed      INTEGER NOT NULL,
  kind      INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 3), -- the feed's own id, the link, title and text
  key       BLOB    NOT NULL CHECK (length(key) = 16),
  item      INTEGER,                                       -- NULL once its row is gone
  last_seen INTEGER NOT NULL,
  PRIMARY KEY (feed, kind, key)
) STRICT, WITHOUT ROWID;

INSERT INTO item_key_new (feed, kind, key, item, last_seen) SELECT feed, kind, key, item, last_seen FROM item_key;
DROP TABLE item_key;
ALTER TABLE item_key_new RENAME TO item_key;

CREATE INDEX item_key_item ON item_key (item);
