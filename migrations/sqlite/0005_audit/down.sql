DROP TABLE audit;
DELETE FROM counters WHERE name = 'audit';
ALTER TABLE applications DROP COLUMN chain;
ALTER TABLE events DROP COLUMN link;
