-- A case's clock moves four times within seconds, and so do those of the cases that were registered beside it. With room for as many
-- rows again a page takes all of them in place, without a new entry in the index for each.
ALTER TABLE case_clock SET (fillfactor = 45);
