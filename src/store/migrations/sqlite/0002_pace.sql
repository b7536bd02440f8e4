-- A later report of a story that was told before.
ALTER TABLE telling ADD COLUMN later INTEGER NOT NULL DEFAULT 0 CHECK (later IN (0, 1));

-- What is held before it is mailed at once has no digest's name: the digest ''. When it was decided, and what holds it.
ALTER TABLE telling ADD COLUMN since INTEGER;
ALTER TABLE telling ADD COLUMN hold TEXT CHECK (hold IN ('wait', 'hours', 'limit'));

-- Which alerts went out lately.
CREATE INDEX mail_queued ON mail (recipient, queued) WHERE lane = 0;

-- What is remembered of a watch for silence. `counted` is in milliseconds.
CREATE TABLE silence (
  watch   TEXT    PRIMARY KEY,
  since   INTEGER NOT NULL,
  counted INTEGER NOT NULL CHECK (counted >= 0),
  until   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
