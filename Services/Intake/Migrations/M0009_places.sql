-- A case's region, which never changes, beside its topic: what happens of one kind in one place is found by one index.
ALTER TABLE cases ADD COLUMN region text;
UPDATE cases c SET region = r.region FROM registrations r WHERE r.subject = c.subject AND r.region IS NOT NULL;
CREATE INDEX cases_topic_region ON cases (topic, region, subject) WHERE topic IS NOT NULL AND region IS NOT NULL;

-- Lists ask of many cases at once which of them somebody must not know of; few cases have a circle.
CREATE INDEX cases_circle ON cases (subject) INCLUDE (circle) WHERE circle IS NOT NULL;
