-- The revision of a session counted matters that were heard, too, from which hidden cases could be counted.
UPDATE sessions s SET record = convert_to(
    jsonb_set(old.record, '{revision}', to_jsonb((old.record ->> 'revision')::bigint - old.heard))::text, 'UTF8')
FROM (
    SELECT subject, convert_from(record, 'UTF8')::jsonb AS record,
        (SELECT count(*) FROM ledger l WHERE l.subject = sessions.subject AND l.type = 'matter.heard') AS heard
    FROM sessions) AS old
WHERE s.subject = old.subject AND old.heard > 0;
