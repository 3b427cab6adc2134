-- Columns in the order of the document.
CREATE TABLE loyalty_programs (
    tenant_id                text COLLATE "C" NOT NULL,
    id                       uuid             NOT NULL,
    external_id              text COLLATE "C",
    loyalty_program_name     text COLLATE "C" NOT NULL,
    loyalty_program_name_key text COLLATE "C" NOT NULL,
    loyalty_program_type     text COLLATE "C"
        CHECK (loyalty_program_type IN ('SINGLE_TIER_PROGRAM', 'MULTIPLE_TIER_PROGRAM')),
    from_date                date             NOT NULL,
    to_date                  date,
    customer_group_id        uuid,
    customer_territory       text COLLATE "C",
    auto_opt_in              boolean          NOT NULL,
    conversion_factor        numeric,
    expiry_duration          integer,
    expense_account          text COLLATE "C",
    cost_center              text COLLATE "C",
    company                  text COLLATE "C",
    project                  text COLLATE "C",
    created_at               timestamptz      NOT NULL,
    updated_at               timestamptz      NOT NULL,
    created_by               text COLLATE "C" NOT NULL,
    last_modified_by         text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, external_id),
    FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id),
    FOREIGN KEY (tenant_id, customer_group_id) REFERENCES customer_groups (tenant_id, id)
);

CREATE INDEX loyalty_programs_by_name
    ON loyalty_programs (tenant_id, loyalty_program_name_key, id);
CREATE INDEX loyalty_programs_by_update ON loyalty_programs (tenant_id, updated_at, id);
CREATE INDEX loyalty_programs_by_type ON loyalty_programs (tenant_id, loyalty_program_type, id);
CREATE INDEX loyalty_programs_by_group ON loyalty_programs (tenant_id, customer_group_id, id);
CREATE INDEX loyalty_programs_by_territory ON loyalty_programs (tenant_id, customer_territory, id);
CREATE INDEX loyalty_programs_by_company ON loyalty_programs (tenant_id, company, id);
-- What may be missing is ordered, and compared, as what is less than anything: keysets know no NULL.
CREATE INDEX loyalty_programs_by_start
    ON loyalty_programs (tenant_id, coalesce(from_date, '-infinity'::date), id);
CREATE INDEX loyalty_programs_by_end
    ON loyalty_programs (tenant_id, coalesce(to_date, '-infinity'::date), id);
CREATE INDEX loyalty_programs_auto_opt_in ON loyalty_programs (tenant_id, id) WHERE auto_opt_in;
CREATE INDEX loyalty_programs_search ON loyalty_programs
    USING gin (tenant_id, loyalty_program_name_key gin_trgm_ops);

-- The tiers of a program. `idx` runs 1, 2, 3 … under each program; the server sees to it.
CREATE TABLE loyalty_program_collections (
    tenant_id          text COLLATE "C" NOT NULL,
    id                 uuid             NOT NULL,
    external_id        text COLLATE "C",
    loyalty_program_id uuid             NOT NULL,
    idx                integer          NOT NULL,
    tier_name          text COLLATE "C" NOT NULL,
    min_spent          numeric          NOT NULL,
    collection_factor  numeric          NOT NULL,
    created_at         timestamptz      NOT NULL,
    updated_at         timestamptz      NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, external_id),
    -- What a customer's program and tier refer to together.
    UNIQUE (tenant_id, loyalty_program_id, id),
    UNIQUE (tenant_id, loyalty_program_id, tier_name),
    UNIQUE (tenant_id, loyalty_program_id, min_spent),
    FOREIGN KEY (tenant_id, loyalty_program_id)
        REFERENCES loyalty_programs (tenant_id, id) ON DELETE CASCADE
);

CREATE INDEX loyalty_program_collections_in_order
    ON loyalty_program_collections (tenant_id, loyalty_program_id, idx);
CREATE INDEX loyalty_program_collections_by_update
    ON loyalty_program_collections (tenant_id, updated_at, id);
CREATE INDEX loyalty_program_collections_by_name
    ON loyalty_program_collections (tenant_id, tier_name, id);
CREATE INDEX loyalty_program_collections_by_min_spent
    ON loyalty_program_collections (tenant_id, coalesce(min_spent, '-Infinity'::numeric), id);
