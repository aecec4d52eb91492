-- When the last of a case's running clocks is due; NULL when none runs. What may have to be counted anew is found by it.
ALTER TABLE cases ADD COLUMN last_due timestamptz;

-- How far the dates of running clocks have been counted anew for each publication of a county definition, by the sequence of its event:
-- the same version may come into force again. One process works on it; another goes on when that one has not been seen for a while.
CREATE TABLE recounts (
    sequence bigint PRIMARY KEY,
    version text NOT NULL,
    total bigint NOT NULL,
    looked bigint NOT NULL DEFAULT 0,
    changed bigint NOT NULL DEFAULT 0,
    position uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    done boolean NOT NULL DEFAULT false,
    holder text,
    seen_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz NOT NULL DEFAULT now()
);
