-- A message outlives its confirm: it is kept for some days, so that it can be sent again to a broker that lost it.
ALTER TABLE outbox RENAME TO bundles;
ALTER INDEX outbox_pkey RENAME TO bundles_pkey;
ALTER SEQUENCE outbox_id_seq RENAME TO bundles_id_seq;
ALTER TABLE bundles RESET (fillfactor);
ALTER TABLE bundles DROP COLUMN sweepable_at;
ALTER TABLE bundles ADD COLUMN written_at timestamptz NOT NULL DEFAULT now();

-- Sendings that the broker has not confirmed yet. A bundle that is sent again gets a row of its own, so that a confirm from
-- before cannot take it away. No index but the key: rows live for a second.
CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    bundle bigint NOT NULL,
    -- From when on the sweep may take it; until then the process that wrote it sends it.
    sweepable_at timestamptz NOT NULL DEFAULT now() + interval '3 seconds'
) WITH (fillfactor = 80);
INSERT INTO outbox (bundle) SELECT id FROM bundles ORDER BY id;

-- Bundles are long texts that are written once and seldom read: lz4 takes a fraction of the time of the default.
ALTER TABLE bundles ALTER COLUMN body SET COMPRESSION lz4;
