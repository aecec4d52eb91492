-- Who has each case, and why.
CREATE TABLE cases (
    subject uuid PRIMARY KEY,
    unit text,
    state bytea NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX cases_unit ON cases (unit);
