-- Tables that grow without bound are partitioned by the month in which their cases were registered. A case's identifier begins
-- with that moment (UUID version 7), so all rows of a case lie in one partition, and keys need no column more.

-- The functions keep the search path of this transaction. Temporary tables come last in it, so that nobody can slip one under the
-- name of a table.
SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true);

-- The least identifier of a month, which begins at midnight UTC.
CREATE FUNCTION first_subject(month date) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT (lpad(to_hex((extract(epoch FROM month::timestamp AT TIME ZONE 'UTC') * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
$$;

-- Makes the partitions of the months that follow this one, up to the one of `until`; says how many were missing. Whoever may
-- use the schema may call it: services may write rows, but make no tables.
CREATE FUNCTION add_months(parent name, until date) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    month date := date_trunc('month', now() AT TIME ZONE 'UTC') + interval '1 month';
    missing integer := 0;
    partition name;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('add_months'), hashtext(current_schema() || parent));
    WHILE month <= least(until, (now() + interval '2 years')::date) LOOP
        partition := parent || to_char(month, '"_"YYYY"_"MM');
        IF to_regclass(quote_ident(partition)) IS NULL THEN
            BEGIN
                EXECUTE format(
                    'CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)', partition, parent, first_subject(month),
                    first_subject((month + interval '1 month')::date));
                missing := missing + 1;
            EXCEPTION
                -- Rows of the month are in the partition for all others already, because a clock ran ahead: they stay there.
                WHEN check_violation THEN NULL;
            END;
        END IF;
        month := month + interval '1 month';
    END LOOP;
    RETURN missing;
END
$$;

-- Partitions the table `parent`, whose key begins with the subject: what it holds becomes the partition of everything up to the
-- end of this month.
CREATE PROCEDURE partition_by_month(parent name) LANGUAGE plpgsql AS $$
DECLARE
    before name := parent || '_before';
    following date := date_trunc('month', now() AT TIME ZONE 'UTC') + interval '1 month';
BEGIN
    EXECUTE format('ALTER TABLE %I RENAME TO %I', parent, before);
    EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL EXCLUDING INDEXES) PARTITION BY RANGE (subject)', parent, before);
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (MINVALUE) TO (%L)', parent, before, first_subject(following));
    EXECUTE format('CREATE TABLE %I PARTITION OF %I DEFAULT', parent || '_other', parent);
    PERFORM add_months(parent, (following + interval '3 months')::date);
END
$$;
