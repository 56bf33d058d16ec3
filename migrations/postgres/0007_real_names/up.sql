-- 实名核验: how an account's identity was verified; of the verified ones, one account per ID number.
ALTER TABLE people ADD COLUMN id_index BYTEA;
ALTER TABLE people ADD COLUMN verified TEXT;
ALTER TABLE people ADD COLUMN binding_hash TEXT;
ALTER TABLE people ADD COLUMN binding_until TIMESTAMPTZ;
CREATE INDEX people_by_id_index ON people (id_index);
CREATE UNIQUE INDEX people_verified ON people (id_index) WHERE verified IS NOT NULL;
CREATE UNIQUE INDEX people_by_binding ON people (binding_hash) WHERE binding_hash IS NOT NULL;

-- 核验记录: who, when, how, which document.
CREATE TABLE verifications (
    id UUID NOT NULL PRIMARY KEY,
    person UUID NOT NULL REFERENCES people (id),
    method TEXT NOT NULL,
    document TEXT NOT NULL,
    identity BYTEA NOT NULL,
    verified_by UUID,
    verifier TEXT NOT NULL,
    visit UUID,
    at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ,
    ended_why TEXT
);
CREATE INDEX verifications_by_person ON verifications (person, at);

-- 身份变更: a corrected number or another account, requested by one and decided by another.
CREATE TABLE identity_changes (
    id UUID NOT NULL PRIMARY KEY,
    region TEXT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    number_index BYTEA NOT NULL,
    particulars BYTEA NOT NULL,
    requested_by UUID NOT NULL,
    requested_at TIMESTAMPTZ NOT NULL,
    decided_by UUID,
    decided_at TIMESTAMPTZ
);
CREATE INDEX identity_changes_by_state ON identity_changes (state, requested_at);
CREATE INDEX identity_changes_by_number ON identity_changes (number_index);

-- 授权: who may act for whom, in what, until when, and why that ended.
CREATE TABLE mandates (
    id UUID NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    region TEXT NOT NULL,
    agent UUID,
    agent_index BYTEA,
    principal_index BYTEA NOT NULL,
    particulars BYTEA NOT NULL,
    visit UUID,
    created_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ,
    ended_why TEXT
);
CREATE INDEX mandates_by_principal ON mandates (principal_index, created_at);
CREATE INDEX mandates_by_agent ON mandates (agent, created_at);
CREATE INDEX mandates_by_agent_index ON mandates (agent_index, created_at);
