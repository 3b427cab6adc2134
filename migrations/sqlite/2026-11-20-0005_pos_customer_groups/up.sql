-- The POS profiles that have links: objects of another system, of which only the id is known here.
CREATE TABLE pos_profiles (
    tenant_id        TEXT NOT NULL,
    id               BLOB NOT NULL,
    pos_profile_id   TEXT NOT NULL,
    created_at       TEXT NOT NULL,
    updated_at       TEXT NOT NULL,
    created_by       TEXT NOT NULL,
    last_modified_by TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, pos_profile_id),
    FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
);

CREATE INDEX pos_profiles_by_update ON pos_profiles (tenant_id, updated_at, id);

-- To which groups a point of sale may sell. `idx` as for the tiers.
CREATE TABLE pos_customer_groups (
    tenant_id         TEXT    NOT NULL,
    id                BLOB    NOT NULL,
    external_id       TEXT,
    profile_id        BLOB    NOT NULL,
    idx               INTEGER NOT NULL,
    customer_group_id BLOB    NOT NULL,
    created_at        TEXT    NOT NULL,
    updated_at        TEXT    NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, external_id),
    UNIQUE (tenant_id, profile_id, customer_group_id),
    FOREIGN KEY (tenant_id, profile_id)
        REFERENCES pos_profiles (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, customer_group_id) REFERENCES customer_groups (tenant_id, id)
);

CREATE INDEX pos_customer_groups_in_order ON pos_customer_groups (tenant_id, profile_id, idx);
CREATE INDEX pos_customer_groups_by_update ON pos_customer_groups (tenant_id, updated_at, id);
CREATE INDEX pos_customer_groups_by_group
    ON pos_customer_groups (tenant_id, customer_group_id, profile_id);

-- Statistics for the query planner: as for the groups.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('pos_profiles', 'sqlite_autoindex_pos_profiles_1', '5000 500 1'),
    ('pos_profiles', 'sqlite_autoindex_pos_profiles_2', '5000 500 1'),
    ('pos_profiles', 'pos_profiles_by_update', '5000 500 2 1'),
    ('pos_customer_groups', 'sqlite_autoindex_pos_customer_groups_1', '20000 2000 1'),
    ('pos_customer_groups', 'sqlite_autoindex_pos_customer_groups_2', '20000 2000 1'),
    ('pos_customer_groups', 'sqlite_autoindex_pos_customer_groups_3', '20000 2000 4 1'),
    ('pos_customer_groups', 'pos_customer_groups_by_update', '20000 2000 2 1'),
    ('pos_customer_groups', 'pos_customer_groups_in_order', '20000 2000 4 1'),
    ('pos_customer_groups', 'pos_customer_groups_by_group', '20000 2000 10 1');
