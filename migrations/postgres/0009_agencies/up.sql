-- 承接机构: whose people they are, where they are not the street's own.
ALTER TABLE staff ADD COLUMN agency TEXT;
CREATE INDEX staff_by_agency ON staff (agency) WHERE agency IS NOT NULL;
