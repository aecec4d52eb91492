-- In which form the services remember what they know of each case; `migrate` writes all anew when a version has another.
CREATE TABLE state_form (form integer NOT NULL);
INSERT INTO state_form (form) VALUES (0);

-- The id of the seal key that hashes of persons and query codes come from, for good; written by the first process that starts.
CREATE TABLE hash_key (single boolean PRIMARY KEY DEFAULT true CHECK (single), id text NOT NULL);
