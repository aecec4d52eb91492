-- The way that has a notice, by the operator's name for it; null for what was owed before there were several, which is given one at start.
ALTER TABLE notices ADD COLUMN way text;
-- Whether the operator has had it tried again after it had failed, which the ledger was told.
ALTER TABLE notices ADD COLUMN again boolean NOT NULL DEFAULT false;
DROP INDEX notices_due;
CREATE INDEX notices_due ON notices (way, next_at) WHERE phase = 'due';
-- Few, and the first thing that anybody wants to see.
CREATE INDEX notices_failed ON notices (created_at, id) WHERE phase = 'failed';

-- Every try: which way, what the endpoint answered, without personal data, and when the next one is made.
CREATE TABLE notice_attempts (
    subject uuid NOT NULL,
    notice uuid NOT NULL,
    -- From 1 for each way; a try that the endpoint alone is to blame for is made again under its number.
    attempt integer NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    way text NOT NULL,
    answer text NOT NULL,
    next_at timestamptz
);
CALL partition_by_month('notice_attempts');
CREATE INDEX notice_attempts_subject ON notice_attempts (subject, notice);

-- What leaders will hear of in their next digest; gone once it is written.
CREATE TABLE digest_lines (
    -- That of the notice that it stands for.
    id uuid PRIMARY KEY,
    -- The recipient, as in notices.
    person text NOT NULL,
    subject uuid NOT NULL,
    template text NOT NULL,
    fields bytea NOT NULL,
    county text NOT NULL,
    at timestamptz NOT NULL
);
