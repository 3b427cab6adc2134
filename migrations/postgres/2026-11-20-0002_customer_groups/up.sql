-- Substring search has its index in both databases: here a GIN index of trigrams. `btree_gin` lets
-- that index begin with the tenant. Both extensions are trusted: the database's owner may create them.
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gin;

-- A forest by `parent_id`. No nested sets and no stored depth or path: a move is one row.
CREATE TABLE customer_groups (
    tenant_id               text COLLATE "C" NOT NULL,
    id                      uuid             NOT NULL,
    external_id             text COLLATE "C",
    parent_id               uuid,
    is_group                boolean          NOT NULL,
    customer_group_name     text COLLATE "C" NOT NULL,
    customer_group_name_key text COLLATE "C" NOT NULL,
    default_price_list      text COLLATE "C",
    payment_terms           text COLLATE "C",
    created_at              timestamptz      NOT NULL,
    updated_at              timestamptz      NOT NULL,
    created_by              text COLLATE "C" NOT NULL,
    last_modified_by        text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, external_id),
    FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id),
    FOREIGN KEY (tenant_id, parent_id) REFERENCES customer_groups (tenant_id, id)
);

CREATE INDEX customer_groups_by_parent ON customer_groups (tenant_id, parent_id, id);
CREATE INDEX customer_groups_by_name ON customer_groups (tenant_id, customer_group_name_key, id);
CREATE INDEX customer_groups_by_update ON customer_groups (tenant_id, updated_at, id);
CREATE INDEX customer_groups_by_kind ON customer_groups (tenant_id, is_group, id);
CREATE INDEX customer_groups_search ON customer_groups
    USING gin (tenant_id, customer_group_name_key gin_trgm_ops);
