CALL partition_by_month('feed');
ALTER TABLE feed ADD PRIMARY KEY (subject, event_id);
