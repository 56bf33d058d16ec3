-- 设备: what works offline, with every grid it was ever trusted with.
CREATE TABLE devices (
    id UUID PRIMARY KEY NOT NULL,
    staff UUID NOT NULL,
    name TEXT NOT NULL,
    grids TEXT NOT NULL,
    registered_at TIMESTAMPTZ NOT NULL,
    seen_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ,
    ended_why TEXT
);
CREATE INDEX devices_by_staff ON devices (staff);

-- 离线操作: each kept as it came, with what became of it. The first of a worker's under an id is the one that counts.
CREATE TABLE operations (
    id UUID PRIMARY KEY NOT NULL,
    staff UUID NOT NULL,
    operation UUID NOT NULL,
    fingerprint TEXT NOT NULL,
    device UUID NOT NULL,
    sequence BIGINT NOT NULL,
    kind TEXT NOT NULL,
    record UUID NOT NULL,
    region TEXT NOT NULL,
    done_at TIMESTAMPTZ NOT NULL,
    received_at TIMESTAMPTZ NOT NULL,
    verdict TEXT NOT NULL,
    base BIGINT,
    version BIGINT,
    body BYTEA NOT NULL,
    answer BYTEA NOT NULL,
    settled_at TIMESTAMPTZ,
    settled_by UUID,
    UNIQUE (staff, operation, fingerprint)
);
CREATE INDEX operations_by_device ON operations (device, sequence);
CREATE INDEX operations_by_record ON operations (record, device);
CREATE INDEX operations_open ON operations (region, received_at)
    WHERE settled_at IS NULL AND verdict IN ('held', 'conflict', 'quarantined');

-- What an operation waits for, by the id of a worker's earlier one.
CREATE TABLE operation_waits (
    waiting UUID NOT NULL REFERENCES operations (id),
    staff UUID NOT NULL,
    predecessor UUID NOT NULL,
    PRIMARY KEY (waiting, predecessor)
);
CREATE INDEX operation_waits_by_predecessor ON operation_waits (staff, predecessor);

-- 附件: what belongs where; the bytes come on their own.
CREATE TABLE attachments (
    id UUID PRIMARY KEY NOT NULL,
    application UUID NOT NULL,
    staff UUID NOT NULL,
    material TEXT NOT NULL,
    file_name BYTEA NOT NULL,
    sha256 TEXT NOT NULL,
    size BIGINT NOT NULL,
    announced_at TIMESTAMPTZ NOT NULL,
    arrived_at TIMESTAMPTZ
);
CREATE INDEX attachments_by_application ON attachments (application);
CREATE INDEX attachments_pending ON attachments (sha256) WHERE arrived_at IS NULL;

-- 上传: bytes on their way, of which the pieces lie in the store.
CREATE TABLE uploads (
    staff UUID NOT NULL,
    sha256 TEXT NOT NULL,
    size BIGINT NOT NULL,
    begun_at TIMESTAMPTZ NOT NULL,
    stored_at TIMESTAMPTZ,
    media_type TEXT,
    PRIMARY KEY (staff, sha256)
);
CREATE INDEX uploads_by_begin ON uploads (begun_at);
