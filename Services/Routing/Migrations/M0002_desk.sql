-- What desks are ordered and searched by; `stage` is null until the case is remembered in this version's form. `due` is the next date to work by; the year 9999 when none runs.
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
