-- 重复申请比对键: blind indexes by which an application that stands in the way of another like it is found. `apart` is
-- nobody's id, or the application's own where somebody judged it to be another matter: of one matter only one gets in.
CREATE TABLE application_keys (
    application UUID NOT NULL PRIMARY KEY,
    exact BYTEA,
    apart UUID NOT NULL,
    sound BYTEA,
    birth BYTEA,
    house BYTEA,
    edition TEXT NOT NULL
);
CREATE UNIQUE INDEX application_keys_exact ON application_keys (exact, apart);
CREATE INDEX application_keys_sound ON application_keys (sound) WHERE sound IS NOT NULL;
CREATE INDEX application_keys_birth ON application_keys (birth) WHERE birth IS NOT NULL;
CREATE INDEX application_keys_house ON application_keys (house) WHERE house IS NOT NULL;

-- 重复认定: what somebody judged of two applications; `one` has the smaller id. The reason is sealed.
CREATE TABLE duplicate_verdicts (
    id UUID NOT NULL PRIMARY KEY,
    one UUID NOT NULL,
    other UUID NOT NULL,
    verdict TEXT NOT NULL,
    remaining UUID,
    basis BYTEA NOT NULL,
    reason BYTEA NOT NULL,
    judged_by UUID NOT NULL,
    judged_by_name TEXT NOT NULL,
    judged_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX duplicate_verdicts_pair ON duplicate_verdicts (one, other);
CREATE INDEX duplicate_verdicts_other ON duplicate_verdicts (other);
