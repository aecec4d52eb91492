-- The clocks of each case. `next_at` changes whenever a rung fires and is indexed all the same: the sweep lives on it,
-- and one entry for each case is far less than one row for each rung.
CREATE TABLE cases (
    subject uuid PRIMARY KEY,
    next_at timestamptz,
    state bytea NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX cases_next ON cases (next_at) WHERE next_at IS NOT NULL;
