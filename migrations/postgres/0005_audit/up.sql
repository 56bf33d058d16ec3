-- 留痕链: each event covers the one before; the application keeps the last link.
ALTER TABLE events ADD COLUMN link BYTEA;
ALTER TABLE applications ADD COLUMN chain BYTEA;

-- 审计: append-only, one chain; tells of requests, not of what they contain.
CREATE TABLE audit (
    number BIGINT NOT NULL PRIMARY KEY,
    at TIMESTAMPTZ NOT NULL,
    until TIMESTAMPTZ NOT NULL,
    count BIGINT NOT NULL,
    actor UUID,
    actor_name TEXT NOT NULL,
    roles TEXT NOT NULL,
    operation TEXT NOT NULL,
    application UUID,
    subject TEXT NOT NULL,
    fields TEXT NOT NULL,
    purpose TEXT NOT NULL,
    origin TEXT NOT NULL,
    status INTEGER NOT NULL,
    link BYTEA NOT NULL
);
CREATE INDEX audit_by_application ON audit (application, number) WHERE application IS NOT NULL;
CREATE INDEX audit_by_actor ON audit (actor, number) WHERE actor IS NOT NULL;
