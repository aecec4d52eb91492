-- Models that name the topics of cases; never changed, since assignments name them by their versions.
CREATE TABLE topic_models (
    -- `t-` and 16 digits, a hash of the bytes.
    version text PRIMARY KEY,
    bytes bytea NOT NULL,
    examples integer NOT NULL,
    -- By held-out examples, in thousandths: how many were right, and how many may be given alone with 98 of 100 right.
    accuracy integer NOT NULL,
    coverage integer NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now()
);
-- Which model was in force since when; the last row counts. Without a version none is.
CREATE TABLE topic_choices (
    serial bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version text REFERENCES topic_models,
    at timestamptz NOT NULL DEFAULT now()
);
