DROP INDEX operations_full;
ALTER TABLE operations DROP COLUMN emptied_at;
ALTER TABLE uploads DROP COLUMN swept_at;
