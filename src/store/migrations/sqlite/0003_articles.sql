-- Items whose article was asked for. While one waits, item.waits_until says until when.
CREATE TABLE article (
  ticket   INTEGER PRIMARY KEY AUTOINCREMENT, -- grows with each wait that begins
  item     INTEGER NOT NULL UNIQUE REFERENCES item ON DELETE CASCADE,
  page     BLOB    NOT NULL CHECK (length(page) = 16), -- the address, without what differs between readers
  next_try INTEGER NOT NULL,
  tries    INTEGER NOT NULL CHECK (tries >= 0),
  news     INTEGER NOT NULL CHECK (news IN (0, 1)),
  decided  INTEGER NOT NULL CHECK (decided IN (0, 1)), -- it was told, or found not worth it, before this wait
  taken    INTEGER,                                    -- when its text was taken
  length   INTEGER CHECK (length > 0),                 -- so many bytes of item.text, from its beginning, are the article
  why      TEXT    NOT NULL,                           -- what became of the last try, in words
  CHECK ((taken IS NULL) = (length IS NULL))
) STRICT;

CREATE INDEX article_page ON article (page) WHERE taken IS NOT NULL;
CREATE INDEX item_waiting ON item (feed) WHERE waits_until IS NOT NULL;

-- What sites allow robots.
CREATE TABLE site_rules (
  site  TEXT    PRIMARY KEY,
  until INTEGER NOT NULL,
  rules TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
