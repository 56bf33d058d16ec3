-- 清理: when the bytes of an upload that belonged nowhere were removed.
ALTER TABLE uploads ADD COLUMN swept_at BIGINT;

-- Of an operation whose record is gone remains that it came.
ALTER TABLE operations ADD COLUMN emptied_at BIGINT;
CREATE INDEX operations_full ON operations (received_at) WHERE emptied_at IS NULL;
