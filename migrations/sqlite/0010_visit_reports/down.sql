DROP INDEX visits_by_follows;
DROP INDEX visits_by_revisit;
ALTER TABLE visits DROP COLUMN report;
ALTER TABLE visits DROP COLUMN revisit_on;
ALTER TABLE visits DROP COLUMN ended_at;
ALTER TABLE visits DROP COLUMN outcome;
ALTER TABLE visits DROP COLUMN follows;
ALTER TABLE visits DROP COLUMN received_at;
ALTER TABLE visits DROP COLUMN purpose;
