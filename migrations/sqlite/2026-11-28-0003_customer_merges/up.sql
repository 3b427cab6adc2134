-- The customers that have been merged into others. The ids of an absorbed customer lead to `customer_id`: the survivor
-- of the merge or, if that one has been absorbed as well, the survivor of that merge, and so on. So nothing has to be
-- followed, and the key makes sure that a customer is there. If that one is deleted, nothing is left of the others.
CREATE TABLE customer_merges (
    tenant_id       TEXT    NOT NULL,
    absorbed_id     BLOB    NOT NULL,
    external_id     TEXT,
    survivor_id     BLOB    NOT NULL,
    customer_id     BLOB    NOT NULL,
    -- Greater than that of each earlier merge that leads to the same customer. (Clocks of servers differ.)
    ordinal         INTEGER NOT NULL,
    merged_at       TEXT    NOT NULL,
    merged_by       TEXT    NOT NULL,
    -- The digest of the survivor's rows after the merge.
    survivor_digest TEXT    NOT NULL,
    -- The rows of both customers before the merge, in JSON; nothing once it can no longer be undone.
    archive         TEXT,
    PRIMARY KEY (tenant_id, absorbed_id),
    FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id) ON DELETE CASCADE
);

CREATE INDEX customer_merges_of_customer ON customer_merges (tenant_id, customer_id);
CREATE INDEX customer_merges_by_external_id ON customer_merges (tenant_id, external_id)
    WHERE external_id IS NOT NULL;
-- Of the archives that are to be emptied.
CREATE INDEX customer_merges_by_archive ON customer_merges (tenant_id, merged_at) WHERE archive IS NOT NULL;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('customer_merges', 'sqlite_autoindex_customer_merges_1', '10000 1000 1'),
    ('customer_merges', 'customer_merges_of_customer', '10000 1000 1'),
    ('customer_merges', 'customer_merges_by_external_id', '10000 1000 1'),
    ('customer_merges', 'customer_merges_by_archive', '1000 100 1');
