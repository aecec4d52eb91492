CALL partition_by_month('ledger');
ALTER TABLE ledger ADD PRIMARY KEY (subject, position);
