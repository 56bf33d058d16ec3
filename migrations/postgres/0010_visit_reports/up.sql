-- 走访结果: why, when by both clocks, how it ended, when to come back. What was told at the door is sealed.
ALTER TABLE visits ADD COLUMN purpose TEXT NOT NULL DEFAULT 'service';
ALTER TABLE visits ADD COLUMN received_at TIMESTAMPTZ;
ALTER TABLE visits ADD COLUMN follows UUID;
ALTER TABLE visits ADD COLUMN outcome TEXT;
ALTER TABLE visits ADD COLUMN ended_at TIMESTAMPTZ;
ALTER TABLE visits ADD COLUMN revisit_on TEXT;
ALTER TABLE visits ADD COLUMN report BYTEA;
CREATE INDEX visits_by_revisit ON visits (staff, revisit_on) WHERE revisit_on IS NOT NULL;
CREATE INDEX visits_by_follows ON visits (follows) WHERE follows IS NOT NULL;
