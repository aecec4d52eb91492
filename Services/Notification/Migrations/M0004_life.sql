-- States of the version before are written in this version's form; what it did not keep of a case stands in intake's schema.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM cases) THEN RETURN; END IF;
    UPDATE cases c SET state = convert_to(((old.s - 'kind' - 'unit' - 'contact') || jsonb_build_object(
        'contacts', CASE WHEN old.s ? 'contact' AND old.s ->> 'contact' IS NOT NULL
            THEN jsonb_build_array(jsonb_build_object('index', 0, 'sealed', old.s -> 'contact')) ELSE '[]'::jsonb END,
        'life', convert_from(i.file, 'UTF8')::jsonb -> 'life'))::text, 'UTF8')
    FROM (SELECT subject, convert_from(state, 'UTF8')::jsonb AS s FROM cases) AS old
    JOIN intake.cases i USING (subject)
    WHERE c.subject = old.subject AND i.file IS NOT NULL;
END
$$;
