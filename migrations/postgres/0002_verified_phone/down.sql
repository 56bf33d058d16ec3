ALTER TABLE people DROP COLUMN phone_verified_at;
ALTER TABLE people DROP COLUMN verified_phone;
