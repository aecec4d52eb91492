-- What a case is about, to find others like it. Nothing of a confidential case is here: that something is like it would tell of it.
CREATE TABLE matters (
    subject uuid PRIMARY KEY,
    registered_at timestamptz NOT NULL,
    -- MatterSketch in the source: its bytes, and the bands of which texts that are alike share one; null and empty for short texts.
    sketch bytea,
    bands int4[] NOT NULL,
    -- The title in one line and the beginning of the narrative, by which issues are gathered.
    opening text NOT NULL,
    -- Beginnings of the keyed hashes of who wrote it.
    writers int8[] NOT NULL,
    likes bigint NOT NULL
);
-- Searched in the same moment as it grows, so nothing waits to be sorted into it.
CREATE INDEX matters_bands ON matters USING gin (bands) WITH (fastupdate = off);

-- Those that no issue and no likeness has been looked for yet.
CREATE TABLE matters_waiting (subject uuid PRIMARY KEY);

-- Pairs of cases of one matter, the later one first; in thousandths of what their texts have in common.
CREATE TABLE likenesses (
    subject uuid NOT NULL,
    other uuid NOT NULL,
    likeness integer NOT NULL,
    same_writer boolean NOT NULL,
    PRIMARY KEY (subject, other)
);
CREATE INDEX likenesses_other ON likenesses (other, subject);

-- Groups of similar cases that are large enough to be an issue (热点问题).
CREATE TABLE issues (
    subject uuid PRIMARY KEY,
    title text NOT NULL,
    kind text NOT NULL,
    topic text,
    region text,
    -- Units with open cases of it, the one with the most first.
    units text[] NOT NULL,
    -- IssueHeat in the source; `heat` is its index.
    cases integer NOT NULL,
    people integer NOT NULL,
    growth integer NOT NULL,
    likes bigint NOT NULL,
    heat bigint NOT NULL,
    -- How hot it was when leaders were last told, in steps of a quarter above the alarm, and how often it has cooled down since.
    told integer NOT NULL DEFAULT 0,
    wave integer NOT NULL DEFAULT 0,
    since timestamptz NOT NULL,
    latest timestamptz NOT NULL
);
CREATE INDEX issues_heat ON issues (heat DESC, subject);

-- A case is in one issue at most, and stays there.
CREATE TABLE issue_cases (
    subject uuid PRIMARY KEY,
    issue uuid NOT NULL
);
CREATE INDEX issue_cases_issue ON issue_cases (issue, subject);

-- Which process gathers issues now; another takes over when it has been silent for a while.
CREATE TABLE issue_keeper (single boolean PRIMARY KEY DEFAULT true CHECK (single), owner uuid NOT NULL, at timestamptz NOT NULL);
