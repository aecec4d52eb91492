-- The feed gets one order: every entry has a position, 1, 2, 3… without gaps, in the order of commits. Whoever adds entries holds the row
-- of `feed_head` until it commits, so nothing appears below a position that somebody has read.
CREATE TABLE feed_head (single boolean PRIMARY KEY DEFAULT true CHECK (single), position bigint NOT NULL);

ALTER TABLE feed ADD COLUMN position bigint;
-- What subscriptions are narrowed to.
ALTER TABLE feed ADD COLUMN kind text;
ALTER TABLE feed ADD COLUMN unit text;
ALTER TABLE feed ADD COLUMN topic text;
ALTER TABLE feed ADD COLUMN region text;
-- Of an entry of a confidential case the units that may have it; null for every other entry.
ALTER TABLE feed ADD COLUMN circle text[];

-- Entries of the version before, each case's in their order.
UPDATE feed f SET position = o.position, kind = o.entry -> 'data' ->> 'kind', unit = o.entry -> 'data' ->> 'unit',
    topic = o.entry -> 'data' ->> 'topic', region = o.entry -> 'data' ->> 'region'
FROM (
    SELECT subject, event_id, entry, row_number() OVER (ORDER BY latest, subject, sequence) AS position FROM (
        SELECT subject, event_id, entry, sequence, max(at) OVER (PARTITION BY subject ORDER BY sequence) AS latest FROM (
            SELECT subject, event_id, at, convert_from(body, 'UTF8')::jsonb AS entry,
                (convert_from(body, 'UTF8')::jsonb ->> 'sequence')::bigint AS sequence FROM feed) AS entries) AS ordered
) AS o
WHERE f.subject = o.subject AND f.event_id = o.event_id;
INSERT INTO feed_head (position) SELECT coalesce(max(position), 0) FROM feed;

ALTER TABLE feed ALTER COLUMN position SET NOT NULL;
ALTER TABLE feed ALTER COLUMN kind SET NOT NULL;
ALTER TABLE feed ALTER COLUMN unit SET NOT NULL;
ALTER TABLE feed DROP COLUMN routing_key;
CREATE INDEX feed_position ON feed (position);
CREATE INDEX feed_at ON feed (at);

-- Entries went out as messages for whoever had bound a queue. Those that were not sent yet stand in the feed like all others, and none is
-- sent that way again.
DELETE FROM outbox WHERE bundle IN (SELECT id FROM bundles WHERE exchange = 'huiyin.feed');
DELETE FROM bundles WHERE exchange = 'huiyin.feed';

-- Departments' systems that get the feed, each its part of it.
CREATE TABLE subscriptions (
    code text PRIMARY KEY,
    -- By which a rotation of the seal key goes through all.
    id uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
    -- The unit that it belongs to now.
    unit text NOT NULL,
    -- How and where to, and to what it was narrowed, as JSON.
    definition bytea NOT NULL,
    -- Sealed; null when it has none yet.
    secrets text,
    phase text NOT NULL CHECK (phase IN ('active', 'paused', 'ended')),
    -- Why it is not active.
    reason text,
    -- The county version by which the newest row of subscription_matches was made.
    county text NOT NULL,
    -- How far it got: of all entries up to this position those that match, `number` of them, were delivered or are parked.
    position bigint NOT NULL,
    number bigint NOT NULL,
    -- What a replay passes over: numbers up to this one.
    skip bigint NOT NULL DEFAULT 0,
    -- Of a queue: the number up to which its department has surely taken what it was sent.
    consumed bigint NOT NULL DEFAULT 0,
    -- Failures of its end in a row, and when it is tried again.
    failures integer NOT NULL DEFAULT 0,
    retry_at timestamptz,
    last_answer text,
    last_success_at timestamptz,
    -- Raised whenever somebody changes it from outside, so that whoever delivers it begins anew.
    epoch bigint NOT NULL DEFAULT 0,
    -- The process that delivers it, until when.
    holder text,
    held_until timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);

-- What a subscription gets, from above a position up to the next row's: the county's trees change, and units end.
CREATE TABLE subscription_matches (
    subscription text NOT NULL REFERENCES subscriptions ON DELETE CASCADE,
    above bigint NOT NULL,
    match bytea NOT NULL,
    PRIMARY KEY (subscription, above)
);

-- Points from which a subscription's numbers can be counted: up to `position` there are `number` entries that match.
CREATE TABLE subscription_marks (
    subscription text NOT NULL REFERENCES subscriptions ON DELETE CASCADE,
    position bigint NOT NULL,
    number bigint NOT NULL,
    PRIMARY KEY (subscription, position)
);

-- Entries that could not be delivered and come again later, with what follows them in their cases.
CREATE TABLE feed_parked (
    subscription text NOT NULL REFERENCES subscriptions ON DELETE CASCADE,
    number bigint NOT NULL,
    position bigint NOT NULL,
    subject uuid NOT NULL,
    attempts integer NOT NULL,
    next_at timestamptz NOT NULL,
    last_answer text,
    PRIMARY KEY (subscription, number)
) WITH (fillfactor = 70);
CREATE INDEX feed_parked_next ON feed_parked (subscription, next_at);
CREATE INDEX feed_parked_subject ON feed_parked (subscription, subject, number);
