-- What a notice waits for before it goes out, `working` or `quiet` hours, and the clock that it urges by, as its name and serial: when that
-- has ended, a reminder that still waits is withdrawn.
ALTER TABLE notices ADD COLUMN hours text;
ALTER TABLE notices ADD COLUMN clock text;
ALTER TABLE notices DROP CONSTRAINT notices_phase_check;
ALTER TABLE notices ADD CONSTRAINT notices_phase_check CHECK (phase IN ('due', 'delivered', 'failed', 'withdrawn'));
