-- Counts tell nothing of confidential cases: they are told apart here, and left out of everything that is counted.
ALTER TABLE cases ADD COLUMN secret boolean NOT NULL DEFAULT false;
UPDATE cases SET secret = true FROM (
    SELECT subject, convert_from(state, 'UTF8')::jsonb -> 'life' AS life FROM cases
) AS old
WHERE cases.subject = old.subject
    AND (life ->> 'kind' = 'accusation' OR coalesce(life -> 'accused', 'null') <> 'null' OR life ->> 'marked' = 'true');
CREATE INDEX cases_load ON cases (unit) WHERE open AND NOT secret;

-- What became of cases at units, one row for each step; no row says of which case. Rows older than what is counted are deleted.
CREATE TABLE unit_moves (
    at timestamptz NOT NULL,
    unit text NOT NULL,
    -- `accepted`, `received` or `given` (LoadMove.Kind).
    kind text NOT NULL,
    -- Of an acceptance: how long after the assignment, in seconds; null otherwise.
    seconds bigint
);
CREATE INDEX unit_moves_at ON unit_moves (at);
