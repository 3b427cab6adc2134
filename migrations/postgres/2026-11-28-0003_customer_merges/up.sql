-- The customers that have been merged into others. The ids of an absorbed customer lead to `customer_id`: the survivor
-- of the merge or, if that one has been absorbed as well, the survivor of that merge, and so on. So nothing has to be
-- followed, and the key makes sure that a customer is there. If that one is deleted, nothing is left of the others.
CREATE TABLE customer_merges (
    tenant_id       text COLLATE "C" NOT NULL,
    absorbed_id     uuid             NOT NULL,
    external_id     text COLLATE "C",
    survivor_id     uuid             NOT NULL,
    customer_id     uuid             NOT NULL,
    -- Greater than that of each earlier merge that leads to the same customer. (Clocks of servers differ.)
    ordinal         integer          NOT NULL,
    merged_at       timestamptz      NOT NULL,
    merged_by       text COLLATE "C" NOT NULL,
    -- The digest of the survivor's rows after the merge.
    survivor_digest text COLLATE "C" NOT NULL,
    -- The rows of both customers before the merge, in JSON; nothing once it can no longer be undone.
    archive         text COLLATE "C",
    PRIMARY KEY (tenant_id, absorbed_id),
    FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id) ON DELETE CASCADE
);

CREATE INDEX customer_merges_of_customer ON customer_merges (tenant_id, customer_id);
CREATE INDEX customer_merges_by_external_id ON customer_merges (tenant_id, external_id)
    WHERE external_id IS NOT NULL;
-- Of the archives that are to be emptied.
CREATE INDEX customer_merges_by_archive ON customer_merges (tenant_id, merged_at) WHERE archive IS NOT NULL;
