-- Files of the version before are written in this version's form. That version knew no stage beyond the first assignment.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM cases WHERE file IS NOT NULL) THEN RETURN; END IF;
    UPDATE cases c SET file = convert_to(((old.f - 'stage' - 'unit') || jsonb_build_object(
        'title', r.title, 'petitioners', jsonb_array_length(convert_from(r.petitioners, 'UTF8')::jsonb),
        'life', jsonb_build_object('kind', r.kind, 'desk', old.f -> 'unit', 'isAnonymous', r.anonymous, 'onTheSpot', false,
            'intake', jsonb_build_object('stage', 'registered', 'sequence', 1, 'known', 0), 'servedKnowing', 0, 'heardKnowing', 0,
            'intakeSequence', 1, 'handOffs', 0, 'coHandlers', '[]'::jsonb, 'declined', '[]'::jsonb, 'recused', '[]'::jsonb,
            'assistance', '[]'::jsonb, 'answerSequence', 0, 'successions', '[]'::jsonb, 'routingSequence', 0)
            || CASE WHEN old.f ->> 'stage' = 'registered' THEN '{}'::jsonb ELSE jsonb_build_object(
                'routing', jsonb_build_object('stage', 'assigned', 'sequence', 1, 'known', 1), 'assigned', old.f -> 'unit',
                'routingSequence', 1) END))::text, 'UTF8')
    FROM (SELECT subject, convert_from(file, 'UTF8')::jsonb AS f FROM cases WHERE file IS NOT NULL) AS old
    JOIN registrations r USING (subject)
    WHERE c.subject = old.subject;
END
$$;
