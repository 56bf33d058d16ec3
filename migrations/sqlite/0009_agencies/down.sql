DROP INDEX staff_by_agency;
ALTER TABLE staff DROP COLUMN agency;
