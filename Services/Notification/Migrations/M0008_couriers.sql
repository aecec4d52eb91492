-- The processes that deliver notices, and when each last showed that it lives.
CREATE TABLE couriers (id uuid PRIMARY KEY, seen_at timestamptz NOT NULL DEFAULT now()) WITH (fillfactor = 50);

-- The process that has a notice in hand; null for one that only waits. What a dead one had is taken over without waiting for the loan's end.
ALTER TABLE notices ADD COLUMN lent_to uuid;
