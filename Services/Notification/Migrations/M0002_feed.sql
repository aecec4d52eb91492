-- An entry is found by its case, and exists once for each event of it: one index does for both.
ALTER TABLE feed DROP CONSTRAINT feed_pkey;
DROP INDEX feed_subject;
ALTER TABLE feed ADD PRIMARY KEY (subject, event_id);
