-- 会话: which kind of client it is for, when it was last used, and what a refresh whose answer was lost needs.
ALTER TABLE sessions ADD COLUMN used_at BIGINT;
ALTER TABLE sessions ADD COLUMN previous_hash TEXT;
ALTER TABLE sessions ADD COLUMN salt TEXT;
UPDATE sessions SET used_at = created_at;
UPDATE sessions SET kind = 'mini_program' WHERE kind = 'resident';
UPDATE sessions SET kind = 'desk' WHERE kind = 'staff';
