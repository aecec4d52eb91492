-- The tables that CaseFlow keeps in every service's schema.

-- How far this service has applied each source's stream for one subject. Its row lock is the first lock of every unit of
-- work, taken in ascending order of subjects.
CREATE TABLE case_clock (
    subject uuid PRIMARY KEY,
    intake bigint NOT NULL DEFAULT 0,
    routing bigint NOT NULL DEFAULT 0,
    deadline bigint NOT NULL DEFAULT 0,
    notification bigint NOT NULL DEFAULT 0,
    held integer NOT NULL DEFAULT 0,
    dead integer NOT NULL DEFAULT 0
) WITH (fillfactor = 80);

-- Events that arrived before something they depend on.
CREATE TABLE held (
    event_id uuid PRIMARY KEY,
    subject uuid NOT NULL,
    event bytea NOT NULL,
    -- The county version it waits for; NULL when it waits for another event.
    awaited_county text,
    -- Set when the operator replays a dead letter: the sweep then tries it again.
    replayed boolean NOT NULL DEFAULT false,
    held_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX held_subject ON held (subject);
CREATE INDEX held_releasable ON held (event_id) WHERE replayed OR awaited_county IS NOT NULL;

-- Events that this service could not apply, with the reason.
CREATE TABLE dead_letters (
    event_id uuid PRIMARY KEY,
    subject uuid NOT NULL,
    source text NOT NULL,
    sequence bigint NOT NULL,
    type text NOT NULL,
    event bytea NOT NULL,
    reason text NOT NULL,
    died_at timestamptz NOT NULL
);
CREATE INDEX dead_letters_subject ON dead_letters (subject);

-- Messages that are committed but not yet confirmed by the broker. No index but the key: rows live for milliseconds.
CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    exchange text NOT NULL,
    routing_key text NOT NULL,
    content_type text NOT NULL,
    body bytea NOT NULL,
    -- From when on the sweep may take it; until then the process that wrote it sends it.
    sweepable_at timestamptz NOT NULL DEFAULT now() + interval '2 seconds'
) WITH (fillfactor = 80);

-- Names taken for good or for a while: idempotency keys and fingerprints, as digests.
CREATE TABLE claims (
    key bytea PRIMARY KEY,
    digest bytea NOT NULL,
    subject uuid NOT NULL,
    answer bytea NOT NULL,
    expires_at timestamptz
);
CREATE INDEX claims_expiry ON claims (expires_at) WHERE expires_at IS NOT NULL;

-- The county definitions that this service has seen; the one with the highest sequence is in force.
CREATE TABLE counties (
    version text NOT NULL,
    sequence bigint PRIMARY KEY,
    definition bytea NOT NULL,
    seen_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX counties_version ON counties (version);
