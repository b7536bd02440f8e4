-- A silence may be one recipient's own, and of a digest: who unsubscribed by a link in a mail wants no more of it. Its end lies in
-- the year 9999 then.
CREATE TABLE mute_wish (
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  watch     TEXT,
  story     INTEGER,
  digest    TEXT,
  recipient TEXT,             -- nobody else's mail changes; everybody's does where there is none
  title     TEXT    NOT NULL, -- of the story when it was muted; empty otherwise
  since     INTEGER NOT NULL,
  until     INTEGER NOT NULL,
  CHECK ((watch IS NOT NULL) + (story IS NOT NULL) + (digest IS NOT NULL) = 1)
) STRICT;

INSERT INTO mute_wish (id, watch, story, title, since, until) SELECT id, watch, story, title, since, until FROM mute;
-- A number is never given twice, not even that of a silence that is forgotten.
DELETE FROM sqlite_sequence WHERE name = 'mute_wish';
INSERT INTO sqlite_sequence (name, seq) SELECT 'mute_wish', seq FROM sqlite_sequence WHERE name = 'mute';
DROP TABLE mute;
ALTER TABLE mute_wish RENAME TO mute;

CREATE INDEX mute_until ON mute (until);

-- What its recipient found not to be what the watch is for, by the key under which it was told.
CREATE TABLE irrelevant (
  key   BLOB    PRIMARY KEY CHECK (length(key) = 16),
  watch TEXT    NOT NULL,
  at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
