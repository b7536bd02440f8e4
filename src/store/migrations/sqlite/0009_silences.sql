-- Silences that a user asked for: of a watch, or of one story. (`silence` is about watches that tell the silence.)
CREATE TABLE mute (
  id    INTEGER PRIMARY KEY AUTOINCREMENT,
  watch TEXT,
  story INTEGER,
  title TEXT    NOT NULL, -- of the story when it was muted; empty for a watch
  since INTEGER NOT NULL,
  until INTEGER NOT NULL,
  CHECK ((watch IS NULL) <> (story IS NULL))
) STRICT;

-- By which of them the match, as it is now, was muted.
ALTER TABLE match ADD COLUMN muted INTEGER;

CREATE INDEX match_muted ON match (muted) WHERE muted IS NOT NULL;

-- When a dead letter was taken up again: its age counts from then on. And whether the bytes are a short version.
ALTER TABLE mail ADD COLUMN revived INTEGER;
ALTER TABLE mail ADD COLUMN short INTEGER NOT NULL DEFAULT 0 CHECK (short IN (0, 1));
