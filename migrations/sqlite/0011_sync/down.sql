DROP TABLE uploads;
DROP TABLE attachments;
DROP TABLE operation_waits;
DROP TABLE operations;
DROP TABLE devices;
