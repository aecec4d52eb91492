-- A case changes several times within seconds, and so do those that were registered beside it. With room for as many rows again a page
-- takes those changes in place that no index is about, without a new entry in each index and a row left behind.
ALTER TABLE cases SET (fillfactor = 45);
