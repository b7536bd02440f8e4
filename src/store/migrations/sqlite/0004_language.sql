-- The tag of the language that the feed says an item is in, as it was written.
ALTER TABLE item ADD COLUMN language TEXT;
