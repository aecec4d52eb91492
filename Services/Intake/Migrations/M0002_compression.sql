-- Events are written once and read seldom: lz4 takes a fraction of the time of the default.
ALTER TABLE ledger ALTER COLUMN event SET COMPRESSION lz4;
