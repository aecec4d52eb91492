-- Where each subject's ledger stands and, for a case, where the case stands. Updated with every event, so nothing that
-- changes is indexed but what lists of cases need.
CREATE TABLE cases (
    subject uuid PRIMARY KEY,
    position bigint NOT NULL,
    head bytea NOT NULL,
    number text,
    stage text,
    unit text,
    registered_at timestamptz,
    completed_at timestamptz,
    file bytea
) WITH (fillfactor = 80);

-- What was registered, as it was; written once.
CREATE TABLE registrations (
    subject uuid PRIMARY KEY,
    number text NOT NULL UNIQUE,
    kind text NOT NULL,
    channel text NOT NULL,
    title text NOT NULL,
    narrative text NOT NULL,
    topic text,
    region text,
    occurred_at timestamptz,
    anonymous boolean NOT NULL,
    -- Sealed contacts and keyed hashes, as JSON.
    petitioners bytea NOT NULL,
    registered_at timestamptz NOT NULL
);

-- The ledger (台账): every event in the order in which intake applied it, each line chained to the one before.
CREATE TABLE ledger (
    subject uuid NOT NULL,
    position bigint NOT NULL,
    type text NOT NULL,
    at timestamptz NOT NULL,
    event bytea NOT NULL,
    previous bytea NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (subject, position)
);

-- Serial numbers of cases; each process takes 64 at a time, so numbers may have gaps and are never used twice.
CREATE SEQUENCE case_serials INCREMENT BY 64;
