-- 落盘加密: personal columns are sealed by the program in the transaction of this migration. What is looked
-- for has a blind index.
ALTER TABLE people DROP CONSTRAINT people_openid_key;
ALTER TABLE people
    ALTER COLUMN openid TYPE BYTEA USING convert_to(openid, 'UTF8'),
    ALTER COLUMN id_number TYPE BYTEA USING convert_to(id_number, 'UTF8'),
    ALTER COLUMN phone TYPE BYTEA USING convert_to(phone, 'UTF8'),
    ALTER COLUMN email TYPE BYTEA USING convert_to(email, 'UTF8'),
    ALTER COLUMN verified_phone TYPE BYTEA USING convert_to(verified_phone, 'UTF8'),
    ADD COLUMN openid_index BYTEA;
CREATE UNIQUE INDEX people_by_openid ON people (openid_index);
ALTER TABLE household_members
    ALTER COLUMN id_number TYPE BYTEA USING convert_to(id_number, 'UTF8'),
    ALTER COLUMN phone TYPE BYTEA USING convert_to(phone, 'UTF8');
DROP INDEX applications_by_id_number;
ALTER TABLE applications
    ALTER COLUMN applicant_id_number TYPE BYTEA USING convert_to(applicant_id_number, 'UTF8'),
    ALTER COLUMN applicant_phone TYPE BYTEA USING convert_to(applicant_phone, 'UTF8'),
    ALTER COLUMN query_code TYPE BYTEA USING convert_to(query_code, 'UTF8'),
    ALTER COLUMN headline TYPE BYTEA USING convert_to(headline, 'UTF8'),
    ALTER COLUMN form TYPE BYTEA USING convert_to(form::text, 'UTF8'),
    ALTER COLUMN dossier TYPE BYTEA USING convert_to(dossier::text, 'UTF8'),
    ADD COLUMN applicant_id_index BYTEA;
CREATE INDEX applications_by_id_index ON applications (applicant_id_index, service);
ALTER TABLE events ALTER COLUMN detail TYPE BYTEA USING convert_to(detail::text, 'UTF8');
ALTER TABLE materials ALTER COLUMN file_name TYPE BYTEA USING convert_to(file_name, 'UTF8');
ALTER TABLE outbox
    ALTER COLUMN address TYPE BYTEA USING convert_to(address, 'UTF8'),
    ALTER COLUMN last_error TYPE BYTEA USING convert_to(last_error, 'UTF8');
ALTER TABLE idempotency ALTER COLUMN body TYPE BYTEA USING convert_to(body, 'UTF8');
ALTER TABLE payment_orders ALTER COLUMN quote TYPE BYTEA USING convert_to(quote::text, 'UTF8');
ALTER TABLE postings ALTER COLUMN payer TYPE BYTEA USING convert_to(payer, 'UTF8');
-- 地点: where somebody lives is one value.
ALTER TABLE visits ADD COLUMN place BYTEA;
UPDATE visits SET place = convert_to(
    json_build_object('address', address, 'latitude', latitude, 'longitude', longitude)::text, 'UTF8');
ALTER TABLE visits
    ALTER COLUMN place SET NOT NULL,
    ALTER COLUMN mandate TYPE BYTEA USING convert_to(mandate::text, 'UTF8'),
    DROP COLUMN address,
    DROP COLUMN latitude,
    DROP COLUMN longitude;
