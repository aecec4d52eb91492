-- Who works on a case by what it remembers of it lets its commit fail where that is not so any more: where the clock row has another
-- `xmin` than it had. Whatever else writes a state must therefore change the case's clock row with it, in the same transaction.
CREATE FUNCTION as_seen(so boolean) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF so THEN RETURN true; END IF;
    RAISE EXCEPTION USING ERRCODE = 'serialization_failure', MESSAGE = 'what was remembered is not so any more';
END
$$;
