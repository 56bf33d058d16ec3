DROP TABLE duplicate_verdicts;
DROP TABLE application_keys;
