-- 落盘加密: personal columns are sealed by the program in the transaction of this migration. They keep the
-- type they were declared with, to which SQLite does not hold them. What is looked for has a blind index.
ALTER TABLE people ADD COLUMN openid_index BLOB;
CREATE UNIQUE INDEX people_by_openid ON people (openid_index);
ALTER TABLE applications ADD COLUMN applicant_id_index BLOB;
DROP INDEX applications_by_id_number;
CREATE INDEX applications_by_id_index ON applications (applicant_id_index, service);
-- 地点: where somebody lives is one value.
ALTER TABLE visits ADD COLUMN place TEXT NOT NULL DEFAULT '';
UPDATE visits SET place = json_object('address', address, 'latitude', latitude, 'longitude', longitude);
ALTER TABLE visits DROP COLUMN address;
ALTER TABLE visits DROP COLUMN latitude;
ALTER TABLE visits DROP COLUMN longitude;
