-- Times are milliseconds since 1970-01-01 UTC. Keys are the 16 bytes of item::Key. Lists and enums with values are JSON.

-- What is remembered of a feed from poll to poll.
CREATE TABLE feed (
  id            INTEGER PRIMARY KEY,
  key           BLOB    NOT NULL UNIQUE CHECK (length(key) = 16),
  name          TEXT    NOT NULL,
  url           TEXT    NOT NULL,
  body          BLOB    CHECK (length(body) = 16),
  document      INTEGER NOT NULL,
  last_poll     INTEGER,
  last_success  INTEGER,
  last_change   INTEGER,
  next_poll     INTEGER,
  not_before    INTEGER,
  why           TEXT    NOT NULL,
  failures      INTEGER NOT NULL CHECK (failures >= 0),
  failing_since INTEGER,
  error         TEXT,
  gone          INTEGER NOT NULL CHECK (gone IN (0, 1)),
  moved_to      TEXT,
  moved_since   INTEGER,
  moved_seen    INTEGER,
  moved_adopted INTEGER CHECK (moved_adopted IN (0, 1)),
  gaps          INTEGER NOT NULL CHECK (gaps >= 0),
  repairs       TEXT    NOT NULL CHECK (json_valid(repairs)),
  reads         INTEGER NOT NULL CHECK (reads >= 0),
  -- Whether the config names it.
  listed        INTEGER NOT NULL DEFAULT 1 CHECK (listed IN (0, 1)),
  wishes        TEXT    NOT NULL CHECK (json_valid(wishes)),
  CHECK ((moved_to IS NULL) = (moved_since IS NULL)
     AND (moved_to IS NULL) = (moved_seen IS NULL)
     AND (moved_to IS NULL) = (moved_adopted IS NULL))
) STRICT;

-- Validators belong to the URL that gave them (RFC 9110 §8.8), not to the feed.
CREATE TABLE validator (
  feed          INTEGER NOT NULL REFERENCES feed ON DELETE CASCADE,
  url           TEXT    NOT NULL,
  place         INTEGER NOT NULL,
  etag          BLOB,
  last_modified BLOB,
  PRIMARY KEY (feed, url)
) STRICT, WITHOUT ROWID;

-- Hosts and domains that are to be left alone for a while.
CREATE TABLE host_hold (
  scope TEXT    PRIMARY KEY,
  until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Items that report the same news.
CREATE TABLE story (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  title        TEXT    NOT NULL,
  first_report INTEGER NOT NULL,
  last_report  INTEGER NOT NULL,
  CHECK (first_report <= last_report)
) STRICT;

-- By what a story is found.
CREATE TABLE story_key (
  key   BLOB    NOT NULL CHECK (length(key) = 16),
  story INTEGER NOT NULL REFERENCES story ON DELETE CASCADE,
  PRIMARY KEY (key, story)
) STRICT, WITHOUT ROWID;

CREATE INDEX story_key_story ON story_key (story);

-- Items, for as long as they are kept. Their numbers are shown to users and never given twice.
CREATE TABLE item (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  feed        INTEGER NOT NULL REFERENCES feed,
  story       INTEGER NOT NULL REFERENCES story,
  identity    BLOB    NOT NULL CHECK (length(identity) = 16),
  link_key    BLOB    CHECK (length(link_key) = 16),
  title_key   BLOB    NOT NULL CHECK (length(title_key) = 16),
  content_key BLOB    NOT NULL CHECK (length(content_key) = 16),
  first_seen  INTEGER NOT NULL,
  published   INTEGER,
  updated     INTEGER,
  waits_until INTEGER,
  given_id    TEXT,
  link        TEXT,
  authors     TEXT    NOT NULL CHECK (json_valid(authors)),
  title       TEXT    NOT NULL,
  summary     TEXT    NOT NULL,
  text        TEXT    NOT NULL
) STRICT;

CREATE INDEX item_feed ON item (feed);
CREATE INDEX item_story ON item (story);
CREATE INDEX item_first_seen ON item (first_seen);

-- Which document of its feed held an item last, and when. Apart from the item, because every changed document touches
-- every item that it still holds.
CREATE TABLE presence (
  item      INTEGER PRIMARY KEY REFERENCES item ON DELETE CASCADE,
  document  INTEGER NOT NULL,
  last_seen INTEGER NOT NULL
) STRICT;

-- What items are recognised by. A key outlives its item by years, so that an old item that returns is not news.
CREATE TABLE item_key (
  feed      INTEGER NOT NULL REFERENCES feed,
  kind      INTEGER NOT NULL CHECK (kind IN (1, 2, 3)), -- the feed's own id, the link, title and text
  key       BLOB    NOT NULL CHECK (length(key) = 16),
  item      INTEGER REFERENCES item ON DELETE SET NULL,
  last_seen INTEGER NOT NULL,
  PRIMARY KEY (feed, kind, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX item_key_item ON item_key (item);

-- The words of items. It keeps no copy of the text, so that the text is not stored twice.
CREATE VIRTUAL TABLE item_words USING fts5 (
  title, summary, text, authors,
  content = '', contentless_delete = 1,
  tokenize = 'unicode61 remove_diacritics 2'
);

-- One group of polls fills 4 MiB at most in one piece, and pieces are merged eight at a time: less work in writing, hardly
-- more in searching.
INSERT INTO item_words (item_words, rank) VALUES ('hashsize', 4194304);
INSERT INTO item_words (item_words, rank) VALUES ('automerge', 8);

-- Items whose words are not in the index yet. Every transaction leaves it empty: the index takes many items at once far
-- cheaper than one by one.
CREATE TABLE words_due (
  item INTEGER PRIMARY KEY REFERENCES item ON DELETE CASCADE
) STRICT;

-- Which watches matched an item as it is now.
CREATE TABLE match (
  item      INTEGER NOT NULL REFERENCES item ON DELETE CASCADE,
  watch     TEXT    NOT NULL,
  sentences BLOB    NOT NULL CHECK (length(sentences) = 16),
  at        INTEGER NOT NULL,
  because   TEXT    NOT NULL CHECK (json_valid(because)),
  PRIMARY KEY (item, watch)
) STRICT, WITHOUT ROWID;

CREATE INDEX match_watch ON match (watch, item, at);

-- The outbox. The bytes come last, so that lists do not read them.
CREATE TABLE mail (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  recipient   TEXT    NOT NULL,
  kind        TEXT    NOT NULL CHECK (json_valid(kind)),
  lane        INTEGER NOT NULL CHECK (lane IN (0, 1)), -- alerts go before all else
  state       TEXT    NOT NULL CHECK (state IN ('waiting', 'sending', 'sent', 'unheard', 'dead')),
  tries       INTEGER NOT NULL CHECK (tries >= 0),
  next_at     INTEGER NOT NULL,
  lease_until INTEGER,
  lease_epoch INTEGER NOT NULL,
  queued      INTEGER NOT NULL,
  offered     INTEGER,
  sent        INTEGER,
  message_id  TEXT,
  subject     TEXT,
  answer      TEXT,
  bytes       BLOB,
  CHECK (bytes IS NULL OR (message_id IS NOT NULL AND subject IS NOT NULL))
) STRICT;

CREATE INDEX mail_due ON mail (lane, queued, id) WHERE state NOT IN ('sent', 'dead');
CREATE INDEX mail_recipient ON mail (recipient, next_at, lease_until) WHERE state NOT IN ('sent', 'dead');
CREATE INDEX mail_message_id ON mail (message_id) WHERE message_id IS NOT NULL;

-- What a mail tells; its identity is made of these and its recipient.
CREATE TABLE mail_key (
  mail INTEGER NOT NULL REFERENCES mail ON DELETE CASCADE,
  key  BLOB    NOT NULL CHECK (length(key) = 16),
  PRIMARY KEY (mail, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX mail_key_key ON mail_key (key);

-- One thing that one recipient is told, by a mail or, once it is made, by a digest.
CREATE TABLE telling (
  id        INTEGER PRIMARY KEY,
  mail      INTEGER REFERENCES mail ON DELETE CASCADE,
  digest    TEXT,
  place     INTEGER NOT NULL,
  item      INTEGER NOT NULL REFERENCES item ON DELETE CASCADE,
  story     INTEGER NOT NULL,
  recipient TEXT    NOT NULL,
  title     TEXT    NOT NULL,
  key       BLOB    NOT NULL CHECK (length(key) = 16),
  edited    INTEGER NOT NULL CHECK (edited IN (0, 1)),
  hit       TEXT    NOT NULL CHECK (json_valid(hit)),
  CHECK (mail IS NOT NULL OR digest IS NOT NULL)
) STRICT;

CREATE INDEX telling_mail ON telling (mail, place);
CREATE INDEX telling_item ON telling (item);
CREATE INDEX telling_story ON telling (story, recipient);
CREATE UNIQUE INDEX telling_held ON telling (digest, recipient, key) WHERE mail IS NULL;

-- What counts as told, for years. `mail` may name a mail that is gone.
CREATE TABLE told (
  key        BLOB    PRIMARY KEY CHECK (length(key) = 16),
  mail       INTEGER,
  covered_by BLOB    CHECK (length(covered_by) = 16),
  at         INTEGER NOT NULL,
  ledgered   INTEGER NOT NULL CHECK (ledgered IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE INDEX told_unledgered ON told (mail) WHERE ledgered = 0;
CREATE INDEX told_covered ON told (covered_by) WHERE covered_by IS NOT NULL AND mail IS NULL;

-- Up to when the slots of a digest are done with.
CREATE TABLE digest (
  name    TEXT    PRIMARY KEY,
  through INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Single numbers: `ledger_offset`.
CREATE TABLE meta (
  name  TEXT    PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
