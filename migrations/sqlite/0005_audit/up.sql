-- 留痕链: each event covers the one before; the application keeps the last link.
ALTER TABLE events ADD COLUMN link BLOB;
ALTER TABLE applications ADD COLUMN chain BLOB;

-- 审计: append-only, one chain; tells of requests, not of what they contain.
CREATE TABLE audit (
    number BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    until BIGINT NOT NULL,
    count BIGINT NOT NULL,
    actor BLOB,
    actor_name TEXT NOT NULL,
    roles TEXT NOT NULL,
    operation TEXT NOT NULL,
    application BLOB,
    subject TEXT NOT NULL,
    fields TEXT NOT NULL,
    purpose TEXT NOT NULL,
    origin TEXT NOT NULL,
    status INTEGER NOT NULL,
    link BLOB NOT NULL
);
CREATE INDEX audit_by_application ON audit (application, number) WHERE application IS NOT NULL;
CREATE INDEX audit_by_actor ON audit (actor, number) WHERE actor IS NOT NULL;
