DROP TABLE reserved_numbers;
DROP TABLE packs;
ALTER TABLE devices DROP COLUMN pack_key;
ALTER TABLE devices DROP COLUMN public_key;
DROP TABLE household_residents;
DROP TABLE households;
