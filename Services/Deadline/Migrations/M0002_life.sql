-- States of the version before are written in this version's form; what it did not keep of a case stands in the other schemas.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM cases) THEN RETURN; END IF;
    UPDATE cases c SET state = convert_to(((old.s - 'kind') || jsonb_build_object('life',
        convert_from(r.state, 'UTF8')::jsonb -> 'life'))::text, 'UTF8')
    FROM (SELECT subject, convert_from(state, 'UTF8')::jsonb AS s FROM cases) AS old
    JOIN routing.cases r USING (subject)
    WHERE c.subject = old.subject;
END
$$;
