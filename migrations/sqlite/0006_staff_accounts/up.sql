-- 账号启用: a one-time code instead of a default password; 第二因素: sealed, each step of it good once.
ALTER TABLE staff ADD COLUMN setup_hash TEXT;
ALTER TABLE staff ADD COLUMN setup_until BIGINT;
ALTER TABLE staff ADD COLUMN second_factor BLOB;
ALTER TABLE staff ADD COLUMN factor_step BIGINT NOT NULL DEFAULT 0;
