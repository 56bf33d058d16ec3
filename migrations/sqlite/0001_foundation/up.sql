-- 居民账户: residents who signed in from the mini-program.
CREATE TABLE people (
    id BLOB NOT NULL PRIMARY KEY,
    openid TEXT NOT NULL UNIQUE,
    name TEXT,
    id_number TEXT,
    phone TEXT,
    email TEXT,
    created_at BIGINT NOT NULL
);

-- 家庭成员 a resident files for.
CREATE TABLE household_members (
    id BLOB NOT NULL PRIMARY KEY,
    person BLOB NOT NULL REFERENCES people (id),
    name TEXT NOT NULL,
    id_number TEXT NOT NULL,
    phone TEXT NOT NULL,
    relation TEXT NOT NULL
);
CREATE INDEX household_members_by_person ON household_members (person);

-- 工作人员
CREATE TABLE staff (
    id BLOB NOT NULL PRIMARY KEY,
    username TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    email TEXT,
    active BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL
);

-- 岗位授予: role and reach.
CREATE TABLE staff_grants (
    staff BLOB NOT NULL REFERENCES staff (id),
    role TEXT NOT NULL,
    region TEXT NOT NULL,
    department TEXT NOT NULL,
    PRIMARY KEY (staff, role, region, department)
) WITHOUT ROWID;

-- 会话: one per sign-in; the refresh token is stored as a hash only.
CREATE TABLE sessions (
    id BLOB NOT NULL PRIMARY KEY,
    account BLOB NOT NULL,
    kind TEXT NOT NULL,
    refresh_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT
);
CREATE INDEX sessions_by_account ON sessions (account);

-- 上门走访
CREATE TABLE visits (
    id BLOB NOT NULL PRIMARY KEY,
    staff BLOB NOT NULL REFERENCES staff (id),
    region TEXT NOT NULL,
    address TEXT NOT NULL,
    latitude DOUBLE NOT NULL,
    longitude DOUBLE NOT NULL,
    started_at BIGINT NOT NULL,
    mandate TEXT
);
CREATE INDEX visits_by_staff ON visits (staff, started_at);

-- 办件
CREATE TABLE applications (
    id BLOB NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    service TEXT NOT NULL,
    street TEXT NOT NULL,
    community TEXT NOT NULL,
    region TEXT NOT NULL,
    status TEXT NOT NULL,
    owner BLOB,
    filed_by BLOB,
    applicant_name TEXT NOT NULL,
    applicant_id_number TEXT NOT NULL,
    applicant_phone TEXT NOT NULL,
    receipt_no TEXT UNIQUE,
    query_code TEXT NOT NULL,
    headline TEXT NOT NULL,
    mover TEXT,
    due_at BIGINT,
    wake_at BIGINT,
    holder BLOB,
    holder_name TEXT,
    held_since BIGINT,
    held_until BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    -- The two long ones last: whatever lists and looks-up read stands before them.
    form TEXT NOT NULL,
    dossier TEXT NOT NULL
);
CREATE INDEX applications_queue_community ON applications (community, mover, due_at, id) WHERE mover IS NOT NULL;
CREATE INDEX applications_queue_street ON applications (street, mover, due_at, id) WHERE mover IS NOT NULL;
-- The service stands at the end so that a list of one service passes over the others within the index.
CREATE INDEX applications_list_community ON applications (community, created_at, id, service);
CREATE INDEX applications_list_street ON applications (street, created_at, id, service);
CREATE INDEX applications_status_community ON applications (community, status, created_at, id, service);
CREATE INDEX applications_status_street ON applications (street, status, created_at, id, service);
CREATE INDEX applications_list_owner ON applications (owner, created_at, id) WHERE owner IS NOT NULL;
CREATE INDEX applications_list_filer ON applications (filed_by, created_at, id) WHERE filed_by IS NOT NULL;
CREATE INDEX applications_by_id_number ON applications (applicant_id_number, service);
CREATE INDEX applications_name_community ON applications (community, applicant_name, created_at DESC, id DESC);
CREATE INDEX applications_name_street ON applications (street, applicant_name, created_at DESC, id DESC);
CREATE INDEX applications_wake ON applications (wake_at) WHERE wake_at IS NOT NULL;

-- 转办部门: which departments have an application, for scope and queue.
CREATE TABLE application_departments (
    application BLOB NOT NULL REFERENCES applications (id),
    department TEXT NOT NULL,
    pending BOOLEAN NOT NULL,
    PRIMARY KEY (application, department)
) WITHOUT ROWID;
CREATE INDEX application_departments_by_department ON application_departments (department, application);

-- 留痕: append-only.
CREATE TABLE events (
    application BLOB NOT NULL REFERENCES applications (id),
    sequence BIGINT NOT NULL,
    action TEXT NOT NULL,
    from_status TEXT NOT NULL,
    to_status TEXT NOT NULL,
    role TEXT NOT NULL,
    actor BLOB NOT NULL,
    actor_name TEXT NOT NULL,
    channel TEXT NOT NULL,
    at BIGINT NOT NULL,
    detail TEXT NOT NULL,
    public BOOLEAN NOT NULL,
    PRIMARY KEY (application, sequence)
) WITHOUT ROWID;

-- 材料: the record of a file; the bytes lie in the blob store under their SHA-256.
CREATE TABLE materials (
    id BLOB NOT NULL PRIMARY KEY,
    application BLOB NOT NULL REFERENCES applications (id),
    material TEXT NOT NULL,
    file_name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    supplied_by BLOB NOT NULL,
    supplied_at BIGINT NOT NULL
);
CREATE INDEX materials_by_application ON materials (application);

-- 站内通知
CREATE TABLE notices (
    id BLOB NOT NULL PRIMARY KEY,
    recipient TEXT NOT NULL,
    application BLOB,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    read_at BIGINT
);
CREATE INDEX notices_by_recipient ON notices (recipient, created_at, id);

-- 待发通知: written in the transaction of the act, delivered by the outbox job.
CREATE TABLE outbox (
    id BLOB NOT NULL PRIMARY KEY,
    address TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_at BIGINT NOT NULL,
    last_error TEXT,
    created_at BIGINT NOT NULL
);
CREATE INDEX outbox_due ON outbox (next_at) WHERE state = 'pending';

-- 幂等键: stored with the result, in the transaction of the effect.
CREATE TABLE idempotency (
    account BLOB NOT NULL,
    idempotency_key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account, idempotency_key)
) WITHOUT ROWID;

-- 缴费单
CREATE TABLE payment_orders (
    id BLOB NOT NULL PRIMARY KEY,
    application BLOB NOT NULL REFERENCES applications (id),
    quote TEXT NOT NULL,
    amount_fen BIGINT NOT NULL,
    status TEXT NOT NULL,
    provider_reference TEXT,
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL
);
CREATE INDEX payment_orders_by_application ON payment_orders (application, created_at);
CREATE INDEX payment_orders_confirming ON payment_orders (status) WHERE status = 'confirming';

-- 入账: append-only.
CREATE TABLE postings (
    id BLOB NOT NULL PRIMARY KEY,
    payment_order BLOB NOT NULL REFERENCES payment_orders (id),
    amount_fen BIGINT NOT NULL,
    method TEXT NOT NULL,
    voucher_no TEXT NOT NULL,
    payer TEXT NOT NULL,
    paid_at BIGINT NOT NULL,
    receipt_no TEXT NOT NULL UNIQUE,
    disposition TEXT NOT NULL,
    recorded_by BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (method, voucher_no)
);
CREATE INDEX postings_by_order ON postings (payment_order);

-- 编号: blocks of receipt numbers handed out per community and day.
CREATE TABLE counters (
    name TEXT NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
) WITHOUT ROWID;
