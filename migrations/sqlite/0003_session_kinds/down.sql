UPDATE sessions SET kind = 'staff' WHERE kind IN ('desk', 'field');
UPDATE sessions SET kind = 'resident' WHERE kind = 'mini_program';
ALTER TABLE sessions DROP COLUMN salt;
ALTER TABLE sessions DROP COLUMN previous_hash;
ALTER TABLE sessions DROP COLUMN used_at;
