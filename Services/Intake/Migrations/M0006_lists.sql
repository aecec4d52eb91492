-- What lists of cases look for. A case's kind, channel, region and title never change and stand in registrations; what changes
-- stands in cases. Of that, unit, stage and topic are indexed: they change with few of a case's events, and the others stay
-- updates in place. `due` changes with most clocks and is not indexed.
ALTER TABLE cases ADD COLUMN topic text;
-- The earliest date of a clock that is owed; null when none is.
ALTER TABLE cases ADD COLUMN due timestamptz;
-- Who may know of a confidential case: codes of units, "desk." and a unit, "leader." and a person; null for other cases.
ALTER TABLE cases ADD COLUMN circle text[];
-- The units besides the accountable one that work on the case; null when there are none.
ALTER TABLE cases ADD COLUMN parts text[];

-- The same units, each in an index of its own order; only of cases that other units ever had a part in.
CREATE TABLE parts (
    subject uuid NOT NULL,
    unit text NOT NULL,
    PRIMARY KEY (subject, unit)
);

-- Pieces of the title and the number, for searches: SearchGrams in the source.
ALTER TABLE registrations ADD COLUMN grams int4[] NOT NULL DEFAULT '{}';

-- Rows of the version before. Where it cannot be told here who has a part in a case, too many are named: what somebody may
-- see is judged from the case file in the end, and the columns are written anew with the case's next event.
UPDATE registrations r SET grams = (
    SELECT coalesce(array_agg(DISTINCT g.gram), '{}') FROM (
        SELECT ((ascii(substr(r.title, i, 1)) & 32767) << 16) | (ascii(substr(r.title, i + 1, 1)) & 65535) AS gram
        FROM generate_series(1, length(r.title) - 1) AS i
        UNION ALL
        SELECT -1 - (((strpos('0123456789-X', substr(r.number, i, 1)) - 1) * 12 + strpos('0123456789-X', substr(r.number, i + 1, 1)) - 1) * 12
            + strpos('0123456789-X', substr(r.number, i + 2, 1)) - 1)
        FROM generate_series(1, length(r.number) - 2) AS i) AS g);

UPDATE cases c SET topic = old.topic, due = old.due,
    parts = nullif(old.parts, '{}'),
    circle = CASE WHEN old.confidential THEN
        ARRAY[c.unit] || old.parts || ('desk.' || old.desk) || coalesce(ARRAY['leader.' || old.leader], '{}') END
FROM (
    SELECT subject, f ->> 'topic' AS topic, life ->> 'desk' AS desk, life ->> 'leader' AS leader,
        life ->> 'kind' = 'accusation' OR life -> 'accused' IS NOT NULL AND life -> 'accused' <> 'null' AS confidential,
        (SELECT min((k ->> 'due')::timestamptz) FROM jsonb_array_elements(f -> 'clocks') AS k
            WHERE k ->> 'phase' IN ('running', 'passed') AND k ->> 'name' NOT IN ('objection', 'review-window', 'final-window')) AS due,
        ARRAY(
            SELECT h ->> 'unit' FROM jsonb_array_elements(life -> 'coHandlers') AS h WHERE h ->> 'phase' <> 'excused'
            UNION SELECT h ->> 'unit' FROM jsonb_array_elements(life -> 'assistance') AS h WHERE (h ->> 'isOpen')::boolean
            UNION SELECT life ->> 'reviewing' WHERE life ->> 'reviewing' IS NOT NULL
            UNION SELECT h ->> 'to' FROM jsonb_array_elements(life -> 'successions') AS h WHERE life ->> 'reviewing' IS NOT NULL
        ) AS parts
    FROM (SELECT subject, f, f -> 'life' AS life
        FROM (SELECT subject, convert_from(file, 'UTF8')::jsonb AS f FROM cases WHERE file IS NOT NULL) AS files) AS lives
) AS old
WHERE c.subject = old.subject;
INSERT INTO parts (subject, unit) SELECT subject, unnest(parts) FROM cases WHERE parts IS NOT NULL;

CREATE INDEX parts_unit ON parts (unit, subject);
CREATE INDEX cases_unit ON cases (unit, subject);
CREATE INDEX cases_stage ON cases (stage, subject);
CREATE INDEX cases_topic ON cases (topic, subject) WHERE topic IS NOT NULL;
CREATE INDEX registrations_region ON registrations (region, subject) WHERE region IS NOT NULL;
-- What waits to be sorted into the index is read by every search, so little waits.
CREATE INDEX registrations_grams ON registrations USING gin (grams) WITH (gin_pending_list_limit = 256);

-- The function keeps the search path of this transaction. Temporary tables come last in it.
SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true);

-- Cases that hold all of one list of pieces or all of the other, `most` of them at most. Found by the index, whatever the planner
-- thinks of how many there are: reading the table for a few would take seconds.
CREATE FUNCTION subjects_holding(pieces int4[], others int4[], most integer) RETURNS SETOF uuid LANGUAGE plpgsql STABLE
SET search_path FROM CURRENT SET enable_seqscan = off AS $$
BEGIN
    IF pieces = others THEN
        RETURN QUERY SELECT subject FROM registrations WHERE grams @> pieces LIMIT most;
    ELSE
        RETURN QUERY SELECT subject FROM registrations WHERE grams @> pieces OR grams @> others LIMIT most;
    END IF;
END
$$;
