-- A case changes several times within seconds, and so do those that were registered beside it. With room for as many rows again a page
-- takes those changes in place, without a new entry in the index and a row left behind.
ALTER TABLE cases SET (fillfactor = 45);

-- Entries lie in the order of their time, nearly, so what each stretch of the feed spans is enough to find a moment: it is asked for when
-- entries are sent again from a moment on, and an entry of its own in this index cost each event more than that is worth.
CREATE INDEX feed_stretches ON feed USING brin (at) WITH (pages_per_range = 128, autosummarize = on);
DROP INDEX feed_at;
ALTER INDEX feed_stretches RENAME TO feed_at;
