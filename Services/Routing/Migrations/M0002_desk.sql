-- What desks are ordered and searched by. `due` is the next date to work by; the year 9999 when none runs.
ALTER TABLE cases ADD COLUMN stage text;
ALTER TABLE cases ADD COLUMN due timestamptz NOT NULL DEFAULT '9999-01-01T00:00:00Z';
ALTER TABLE cases ADD COLUMN open boolean NOT NULL DEFAULT true;
DROP INDEX cases_unit;
CREATE INDEX cases_desk ON cases (unit, due, subject) WHERE open;

-- The parts that units other than the lead unit have in open cases: co-handling, review, assistance.
CREATE TABLE parts (
    unit text NOT NULL,
    subject uuid NOT NULL,
    due timestamptz NOT NULL,
    PRIMARY KEY (subject, unit)
);
CREATE INDEX parts_desk ON parts (unit, due, subject);

-- States of the version before are written in this version's form; a case's kind stands in intake's schema.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM cases) THEN RETURN; END IF;
    UPDATE cases c SET stage = 'assigned', state = convert_to(jsonb_build_object(
        'number', old.s -> 'number', 'title', r.title, 'channel', r.channel, 'region', old.s -> 'region',
        'registered', old.s -> 'assigned', 'county', old.s -> 'county', 'clocks', '[]'::jsonb,
        'assignment', jsonb_build_object('rule', old.s -> 'rule', 'reason', old.s -> 'reason', 'topic', old.s -> 'topic',
            'urgency', old.s -> 'urgency', 'pack', old.s -> 'pack', 'at', old.s -> 'assigned'),
        'life', jsonb_build_object('kind', r.kind, 'desk', old.s -> 'unit', 'isAnonymous', r.anonymous, 'onTheSpot', false,
            'intake', jsonb_build_object('stage', 'registered', 'sequence', 1, 'known', 0), 'servedKnowing', 0, 'heardKnowing', 0,
            'intakeSequence', 1, 'routing', jsonb_build_object('stage', 'assigned', 'sequence', 1, 'known', 1),
            'assigned', old.s -> 'unit', 'handOffs', old.s -> 'handOffs', 'coHandlers', '[]'::jsonb, 'declined', '[]'::jsonb,
            'recused', '[]'::jsonb, 'assistance', '[]'::jsonb, 'answerSequence', 0, 'successions', '[]'::jsonb, 'routingSequence', 1)
        )::text, 'UTF8')
    FROM (SELECT subject, convert_from(state, 'UTF8')::jsonb -> 'assigned' -> '_0' AS s FROM cases) AS old
    JOIN intake.registrations r USING (subject)
    WHERE c.subject = old.subject;
END
$$;
