-- Sessions at the grassroots (下基层活动). The record holds everything; the columns are what rosters and duty reports look for.
CREATE TABLE sessions (
    subject uuid PRIMARY KEY,
    kind text NOT NULL,
    level text NOT NULL,
    leader text NOT NULL,
    unit text NOT NULL,
    region text,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    phase text NOT NULL,
    -- When it was put on the public roster, and when it began; null for what did not happen.
    published_at timestamptz,
    opened_at timestamptz,
    -- SessionRecord as JSON; names, phones and notes in it are sealed.
    record bytea NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX sessions_time ON sessions (starts_at, subject);
CREATE INDEX sessions_leader ON sessions (leader, starts_at);
CREATE INDEX sessions_roster ON sessions (starts_at, subject) WHERE published_at IS NOT NULL;
CREATE INDEX sessions_duty ON sessions (opened_at, leader) WHERE opened_at IS NOT NULL;

-- The session at which a case was heard.
ALTER TABLE registrations ADD COLUMN session uuid;
CREATE INDEX registrations_session ON registrations (session, subject) WHERE session IS NOT NULL;
