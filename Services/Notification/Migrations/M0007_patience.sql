-- Since when the way that has a notice might have sent it: one that is down too long passes it on.
ALTER TABLE notices ADD COLUMN since timestamptz NOT NULL DEFAULT now();
-- Whether lives may depend on it: it goes before all others.
ALTER TABLE notices ADD COLUMN urgent boolean NOT NULL DEFAULT false;
DROP INDEX notices_due;
CREATE INDEX notices_due ON notices (way, urgent, next_at) WHERE phase = 'due';

-- The digest that a line is gathered in; null until then. Its words are written when it goes out.
ALTER TABLE digest_lines ADD COLUMN notice uuid;
CREATE INDEX digest_lines_notice ON digest_lines (notice);
