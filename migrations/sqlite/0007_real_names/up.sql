-- 实名核验: how an account's identity was verified; of the verified ones, one account per ID number.
ALTER TABLE people ADD COLUMN id_index BLOB;
ALTER TABLE people ADD COLUMN verified TEXT;
ALTER TABLE people ADD COLUMN binding_hash TEXT;
ALTER TABLE people ADD COLUMN binding_until BIGINT;
CREATE INDEX people_by_id_index ON people (id_index);
CREATE UNIQUE INDEX people_verified ON people (id_index) WHERE verified IS NOT NULL;
CREATE UNIQUE INDEX people_by_binding ON people (binding_hash) WHERE binding_hash IS NOT NULL;

-- 核验记录: who, when, how, which document.
CREATE TABLE verifications (
    id BLOB NOT NULL PRIMARY KEY,
    person BLOB NOT NULL REFERENCES people (id),
    method TEXT NOT NULL,
    document TEXT NOT NULL,
    identity BLOB NOT NULL,
    verified_by BLOB,
    verifier TEXT NOT NULL,
    visit BLOB,
    at BIGINT NOT NULL,
    ended_at BIGINT,
    ended_why TEXT
);
CREATE INDEX verifications_by_person ON verifications (person, at);

-- 身份变更: a corrected number or another account, requested by one and decided by another.
CREATE TABLE identity_changes (
    id BLOB NOT NULL PRIMARY KEY,
    region TEXT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    number_index BLOB NOT NULL,
    particulars BLOB NOT NULL,
    requested_by BLOB NOT NULL,
    requested_at BIGINT NOT NULL,
    decided_by BLOB,
    decided_at BIGINT
);
CREATE INDEX identity_changes_by_state ON identity_changes (state, requested_at);
CREATE INDEX identity_changes_by_number ON identity_changes (number_index);

-- 授权: who may act for whom, in what, until when, and why that ended.
CREATE TABLE mandates (
    id BLOB NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    region TEXT NOT NULL,
    agent BLOB,
    agent_index BLOB,
    principal_index BLOB NOT NULL,
    particulars BLOB NOT NULL,
    visit BLOB,
    created_at BIGINT NOT NULL,
    ended_at BIGINT,
    ended_why TEXT
);
CREATE INDEX mandates_by_principal ON mandates (principal_index, created_at);
CREATE INDEX mandates_by_agent ON mandates (agent, created_at);
CREATE INDEX mandates_by_agent_index ON mandates (agent_index, created_at);
