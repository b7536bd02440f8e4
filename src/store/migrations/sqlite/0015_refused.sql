-- Recipients that the server said do not exist, since the last mail to them that it took.
CREATE TABLE refused (
  recipient TEXT    NOT NULL PRIMARY KEY,
  mails     INTEGER NOT NULL CHECK (mails > 0), -- refused in a row
  mail      INTEGER NOT NULL,                   -- the last of them
  at        INTEGER NOT NULL,
  answer    TEXT    NOT NULL                    -- the server's words
) STRICT, WITHOUT ROWID;
