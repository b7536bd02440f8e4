-- What is known of what texts say: of each watch that asks for it, and, without a watch, the events of all items that any
-- watch matched. `subject` is what facts have in common that may be one; `last_day` is a day number since 1970-01-01.
CREATE TABLE fact (
  id         INTEGER PRIMARY KEY,
  watch      TEXT    NOT NULL,
  subject    BLOB    NOT NULL CHECK (length(subject) = 16),
  key        BLOB    NOT NULL CHECK (length(key) = 16),
  first_seen INTEGER NOT NULL,
  last_seen  INTEGER NOT NULL,
  last_day   INTEGER,
  state      TEXT    NOT NULL CHECK (json_valid(state))
) STRICT;

CREATE INDEX fact_subject ON fact (watch, subject, last_seen);
CREATE INDEX fact_ahead ON fact (watch, last_day) WHERE last_day IS NOT NULL;
CREATE INDEX fact_last_seen ON fact (last_seen);

-- What of an item's text a watch asks for.
ALTER TABLE match ADD COLUMN facts TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(facts));

-- How far the clock of its publication date is ahead of UTC, in minutes, where the date says so.
ALTER TABLE item ADD COLUMN offset_minutes INTEGER CHECK (offset_minutes BETWEEN -1559 AND 1559);
