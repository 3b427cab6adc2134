-- The POS profiles that have links: objects of another system, of which only the id is known here.
CREATE TABLE pos_profiles (
    tenant_id        text COLLATE "C" NOT NULL,
    id               uuid             NOT NULL,
    pos_profile_id   text COLLATE "C" NOT NULL,
    created_at       timestamptz      NOT NULL,
    updated_at       timestamptz      NOT NULL,
    created_by       text COLLATE "C" NOT NULL,
    last_modified_by text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, pos_profile_id),
    FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
);

CREATE INDEX pos_profiles_by_update ON pos_profiles (tenant_id, updated_at, id);

-- To which groups a point of sale may sell. `idx` as for the tiers.
CREATE TABLE pos_customer_groups (
    tenant_id         text COLLATE "C" NOT NULL,
    id                uuid             NOT NULL,
    external_id       text COLLATE "C",
    profile_id        uuid             NOT NULL,
    idx               integer          NOT NULL,
    customer_group_id uuid             NOT NULL,
    created_at        timestamptz      NOT NULL,
    updated_at        timestamptz      NOT NULL,
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
