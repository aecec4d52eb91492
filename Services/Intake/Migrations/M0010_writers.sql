-- Who wrote which case, by the beginning of the keyed hash of the person: "have we had this before?" is asked while somebody waits.
CREATE TABLE writers (
    person uuid NOT NULL,
    subject uuid NOT NULL,
    PRIMARY KEY (person, subject)
);
INSERT INTO writers (person, subject)
SELECT DISTINCT left(p ->> 'person', 32)::uuid, r.subject
FROM registrations r, jsonb_array_elements(convert_from(r.petitioners, 'UTF8')::jsonb) AS p
WHERE p ->> 'person' ~ '^[0-9a-f]{32}';
