-- What notification remembers of each case.
CREATE TABLE cases (
    subject uuid PRIMARY KEY,
    state bytea NOT NULL
) WITH (fillfactor = 80);

-- Notices that are owed, and what became of them.
CREATE TABLE notices (
    id uuid PRIMARY KEY,
    subject uuid NOT NULL,
    template text NOT NULL,
    recipient text NOT NULL,
    -- Values of the template's fields, as JSON.
    fields bytea NOT NULL,
    -- Sealed contact of a petitioner.
    contact text,
    county text NOT NULL,
    phase text NOT NULL DEFAULT 'due' CHECK (phase IN ('due', 'delivered', 'failed')),
    attempts integer NOT NULL DEFAULT 0,
    -- When the next try may be made; moved ahead while a courier has it in hand.
    next_at timestamptz NOT NULL DEFAULT now(),
    last_answer text,
    created_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 80);
CREATE INDEX notices_due ON notices (next_at) WHERE phase = 'due';
CREATE INDEX notices_subject ON notices (subject);

-- One row for each entry of the departments' feed.
CREATE TABLE feed (
    event_id uuid PRIMARY KEY,
    subject uuid NOT NULL,
    type text NOT NULL,
    routing_key text NOT NULL,
    body bytea NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX feed_subject ON feed (subject);
