-- 到期删除: what remains of an application that was erased: that it was, when, by which rule, and the end of its chain.
CREATE TABLE erasures (
    application BLOB NOT NULL PRIMARY KEY,
    service TEXT NOT NULL,
    street TEXT NOT NULL,
    last_sequence BIGINT NOT NULL,
    last_link BLOB NOT NULL,
    rule TEXT NOT NULL,
    at BIGINT NOT NULL,
    files TEXT NOT NULL,
    seal BLOB NOT NULL
);
