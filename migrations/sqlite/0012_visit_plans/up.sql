-- 走访计划: where somebody will call, when and why; kept by the visit that came of it, or called off.
CREATE TABLE visit_plans (
    id BLOB NOT NULL PRIMARY KEY,
    staff BLOB NOT NULL,
    region TEXT NOT NULL,
    purpose TEXT NOT NULL,
    place BLOB NOT NULL,
    day TEXT NOT NULL,
    not_before TEXT,
    not_after TEXT,
    about BLOB,
    planned_by BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    cancelled_at BIGINT,
    visit BLOB
);
CREATE INDEX visit_plans_by_staff ON visit_plans (staff, day);
CREATE INDEX visit_plans_by_region ON visit_plans (region, day);
CREATE INDEX visit_plans_by_about ON visit_plans (about) WHERE about IS NOT NULL;

-- 走访需求: what was noted at a door, until it is looked after. The words are in the visit's report.
CREATE TABLE visit_needs (
    visit BLOB NOT NULL,
    position INTEGER NOT NULL,
    staff BLOB NOT NULL,
    due TEXT,
    done_at BIGINT,
    note BLOB,
    PRIMARY KEY (visit, position)
);
CREATE INDEX visit_needs_open ON visit_needs (staff, due) WHERE done_at IS NULL AND due IS NOT NULL;

-- 确认码: the code a resident got by telephone to confirm a mandate; once used, to which number it went.
CREATE TABLE confirmation_codes (
    visit BLOB NOT NULL PRIMARY KEY,
    hash TEXT NOT NULL,
    phone BLOB NOT NULL,
    tries INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
