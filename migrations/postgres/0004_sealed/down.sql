ALTER TABLE visits
    ADD COLUMN address TEXT NOT NULL DEFAULT '',
    ADD COLUMN latitude DOUBLE PRECISION NOT NULL DEFAULT 0,
    ADD COLUMN longitude DOUBLE PRECISION NOT NULL DEFAULT 0,
    ALTER COLUMN mandate TYPE JSONB USING convert_from(mandate, 'UTF8')::jsonb;
UPDATE visits SET
    address = convert_from(place, 'UTF8')::jsonb ->> 'address',
    latitude = (convert_from(place, 'UTF8')::jsonb ->> 'latitude')::double precision,
    longitude = (convert_from(place, 'UTF8')::jsonb ->> 'longitude')::double precision;
ALTER TABLE visits DROP COLUMN place;
ALTER TABLE postings ALTER COLUMN payer TYPE TEXT USING convert_from(payer, 'UTF8');
ALTER TABLE payment_orders ALTER COLUMN quote TYPE JSONB USING convert_from(quote, 'UTF8')::jsonb;
ALTER TABLE idempotency ALTER COLUMN body TYPE TEXT USING convert_from(body, 'UTF8');
ALTER TABLE outbox
    ALTER COLUMN address TYPE TEXT USING convert_from(address, 'UTF8'),
    ALTER COLUMN last_error TYPE TEXT USING convert_from(last_error, 'UTF8');
ALTER TABLE materials ALTER COLUMN file_name TYPE TEXT USING convert_from(file_name, 'UTF8');
ALTER TABLE events ALTER COLUMN detail TYPE JSONB USING convert_from(detail, 'UTF8')::jsonb;
DROP INDEX applications_by_id_index;
ALTER TABLE applications
    ALTER COLUMN applicant_id_number TYPE TEXT USING convert_from(applicant_id_number, 'UTF8'),
    ALTER COLUMN applicant_phone TYPE TEXT USING convert_from(applicant_phone, 'UTF8'),
    ALTER COLUMN query_code TYPE TEXT USING convert_from(query_code, 'UTF8'),
    ALTER COLUMN headline TYPE TEXT USING convert_from(headline, 'UTF8'),
    ALTER COLUMN form TYPE JSONB USING convert_from(form, 'UTF8')::jsonb,
    ALTER COLUMN dossier TYPE JSONB USING convert_from(dossier, 'UTF8')::jsonb,
    DROP COLUMN applicant_id_index;
CREATE INDEX applications_by_id_number ON applications (applicant_id_number, service);
ALTER TABLE household_members
    ALTER COLUMN id_number TYPE TEXT USING convert_from(id_number, 'UTF8'),
    ALTER COLUMN phone TYPE TEXT USING convert_from(phone, 'UTF8');
DROP INDEX people_by_openid;
ALTER TABLE people
    ALTER COLUMN openid TYPE TEXT USING convert_from(openid, 'UTF8'),
    ALTER COLUMN id_number TYPE TEXT USING convert_from(id_number, 'UTF8'),
    ALTER COLUMN phone TYPE TEXT USING convert_from(phone, 'UTF8'),
    ALTER COLUMN email TYPE TEXT USING convert_from(email, 'UTF8'),
    ALTER COLUMN verified_phone TYPE TEXT USING convert_from(verified_phone, 'UTF8'),
    DROP COLUMN openid_index;
ALTER TABLE people ADD CONSTRAINT people_openid_key UNIQUE (openid);
