-- Messages to departments leave over a connection of their own: a queue of theirs that is stuck delays no other service.
ALTER TABLE outbox ADD COLUMN lane text NOT NULL DEFAULT 'services';
UPDATE outbox SET lane = 'feed' WHERE bundle IN (SELECT id FROM bundles WHERE exchange = 'huiyin.feed');

-- The function keeps the search path of this transaction, as in M0003_months.
SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true);

-- Makes the partitions of the months that follow this one, up to the one of `until`; says how many were missing. Whoever may
-- use the schema may call it: services may write rows, but make no tables.
--
-- A table is made first and attached then, which stops neither readers nor writers of the others. A long reader, such as a dump, holds a
-- lock on the partition for all others, which attaching needs: that is waited for a moment only, and another call tries again.
CREATE OR REPLACE FUNCTION add_months(parent name, until date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET lock_timeout = '300ms' AS $$
DECLARE
    month date := date_trunc('month', now() AT TIME ZONE 'UTC') + interval '1 month';
    missing integer := 0;
    partition name;
    low uuid;
    high uuid;
    taken boolean;
BEGIN
    WHILE month <= least(until, (now() + interval '2 years')::date) LOOP
        partition := parent || to_char(month, '"_"YYYY"_"MM');
        IF to_regclass(quote_ident(partition)) IS NULL THEN
            PERFORM pg_advisory_xact_lock(hashtext('add_months'), hashtext(current_schema() || parent));
            low := first_subject(month);
            high := first_subject((month + interval '1 month')::date);
            -- Rows of the month that are among all others already, because a clock ran ahead, stay there.
            EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE subject >= %L AND subject < %L)', parent || '_other', low, high) INTO taken;
            IF NOT taken AND to_regclass(quote_ident(partition)) IS NULL THEN
                EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', partition, parent);
                EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, partition, low, high);
                missing := missing + 1;
            END IF;
        END IF;
        month := month + interval '1 month';
    END LOOP;
    RETURN missing;
END
$$;
