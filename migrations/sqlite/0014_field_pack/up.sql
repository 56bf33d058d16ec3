-- 户册: who lives behind which door of a grid, kept by the community.
CREATE TABLE households (
    id BLOB NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    region TEXT NOT NULL,
    particulars BLOB NOT NULL,
    updated_at BIGINT NOT NULL,
    updated_by BLOB NOT NULL
);
CREATE INDEX households_by_region ON households (region, id);

-- Finds the household of a number without telling the number.
CREATE TABLE household_residents (
    household BLOB NOT NULL REFERENCES households (id),
    number_index BLOB NOT NULL,
    PRIMARY KEY (household, number_index)
) WITHOUT ROWID;
CREATE INDEX household_residents_by_number ON household_residents (number_index);

-- 资料包: what a device was given last, and before that while it has not said that it came.
CREATE TABLE packs (
    id BLOB NOT NULL PRIMARY KEY,
    device BLOB NOT NULL REFERENCES devices (id),
    manifest BLOB NOT NULL,
    made_at BIGINT NOT NULL
);
CREATE INDEX packs_by_device ON packs (device, made_at);

-- The key a device opens what is sealed for it with, and what its pack is sealed with.
ALTER TABLE devices ADD COLUMN public_key TEXT;
ALTER TABLE devices ADD COLUMN pack_key BLOB;

-- 预留编号: receipt numbers with their query codes that a device gives away where there is no network.
CREATE TABLE reserved_numbers (
    id BLOB NOT NULL PRIMARY KEY,
    receipt_no TEXT NOT NULL UNIQUE,
    query_code BLOB NOT NULL,
    device BLOB NOT NULL REFERENCES devices (id),
    community TEXT NOT NULL,
    reserved_at BIGINT NOT NULL,
    application BLOB,
    used_at BIGINT,
    voided_at BIGINT
);
CREATE INDEX reserved_numbers_free ON reserved_numbers (device, community)
    WHERE application IS NULL AND voided_at IS NULL;
