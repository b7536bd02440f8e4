-- Items that a watch nearly matched, the nearest few of each watch: listed once a week, so that rules can be tuned.
CREATE TABLE near_miss (
  watch TEXT    NOT NULL,
  item  INTEGER NOT NULL REFERENCES item ON DELETE CASCADE,
  at    INTEGER NOT NULL,
  short INTEGER NOT NULL, -- by how much; less is nearer
  lacks TEXT    NOT NULL, -- of what, in words
  PRIMARY KEY (watch, item)
) STRICT, WITHOUT ROWID;

CREATE INDEX near_miss_item ON near_miss (item);

-- Whose mail is under way, of however many that wait.
CREATE INDEX mail_leased ON mail (lease_until) WHERE lease_until IS NOT NULL;
