ALTER TABLE staff DROP COLUMN factor_step;
ALTER TABLE staff DROP COLUMN second_factor;
ALTER TABLE staff DROP COLUMN setup_until;
ALTER TABLE staff DROP COLUMN setup_hash;
