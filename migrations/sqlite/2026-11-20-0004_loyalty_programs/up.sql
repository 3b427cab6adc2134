-- Columns in the order of the document.
CREATE TABLE loyalty_programs (
    tenant_id                TEXT    NOT NULL,
    id                       BLOB    NOT NULL,
    external_id              TEXT,
    loyalty_program_name     TEXT    NOT NULL,
    loyalty_program_name_key TEXT    NOT NULL,
    loyalty_program_type     TEXT
        CHECK (loyalty_program_type IN ('SINGLE_TIER_PROGRAM', 'MULTIPLE_TIER_PROGRAM')),
    from_date                TEXT    NOT NULL,
    to_date                  TEXT,
    customer_group_id        BLOB,
    customer_territory       TEXT,
    auto_opt_in              BOOLEAN NOT NULL,
    conversion_factor        TEXT,
    expiry_duration          INTEGER,
    expense_account          TEXT,
    cost_center              TEXT,
    company                  TEXT,
    project                  TEXT,
    created_at               TEXT    NOT NULL,
    updated_at               TEXT    NOT NULL,
    created_by               TEXT    NOT NULL,
    last_modified_by         TEXT    NOT NULL,
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
    ON loyalty_programs (tenant_id, coalesce(from_date, ''), id);
CREATE INDEX loyalty_programs_by_end
    ON loyalty_programs (tenant_id, coalesce(to_date, ''), id);
CREATE INDEX loyalty_programs_auto_opt_in ON loyalty_programs (tenant_id, id) WHERE auto_opt_in;

-- Substring search: as for the groups.
CREATE VIRTUAL TABLE loyalty_programs_search USING fts5 (
    loyalty_program_name_key,
    content = '', contentless_delete = 1, tokenize = 'trigram case_sensitive 1'
);
CREATE TABLE loyalty_programs_search_docs (
    tenant_id TEXT    NOT NULL,
    id        BLOB    NOT NULL,
    doc       INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX loyalty_programs_search_docs_by_doc ON loyalty_programs_search_docs (tenant_id, doc);

CREATE TRIGGER loyalty_programs_search_insert AFTER INSERT ON loyalty_programs BEGIN
    INSERT INTO loyalty_programs_search (loyalty_program_name_key)
    VALUES (new.loyalty_program_name_key);
    INSERT INTO loyalty_programs_search_docs VALUES (new.tenant_id, new.id, last_insert_rowid());
END;
CREATE TRIGGER loyalty_programs_search_update AFTER UPDATE OF loyalty_program_name_key ON loyalty_programs
WHEN new.loyalty_program_name_key <> old.loyalty_program_name_key BEGIN
    UPDATE loyalty_programs_search SET loyalty_program_name_key = new.loyalty_program_name_key
    WHERE rowid = (SELECT doc FROM loyalty_programs_search_docs
                   WHERE tenant_id = new.tenant_id AND id = new.id);
END;
CREATE TRIGGER loyalty_programs_search_delete AFTER DELETE ON loyalty_programs BEGIN
    DELETE FROM loyalty_programs_search
    WHERE rowid = (SELECT doc FROM loyalty_programs_search_docs
                   WHERE tenant_id = old.tenant_id AND id = old.id);
    DELETE FROM loyalty_programs_search_docs WHERE tenant_id = old.tenant_id AND id = old.id;
END;

-- The tiers of a program. `idx` runs 1, 2, 3 … under each program; the server sees to it.
CREATE TABLE loyalty_program_collections (
    tenant_id          TEXT    NOT NULL,
    id                 BLOB    NOT NULL,
    external_id        TEXT,
    loyalty_program_id BLOB    NOT NULL,
    idx                INTEGER NOT NULL,
    tier_name          TEXT    NOT NULL,
    min_spent          TEXT    NOT NULL,
    collection_factor  TEXT    NOT NULL,
    created_at         TEXT    NOT NULL,
    updated_at         TEXT    NOT NULL,
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
    ON loyalty_program_collections (tenant_id, coalesce(min_spent, ''), id);

-- Statistics for the query planner: as for the groups.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('loyalty_programs', 'sqlite_autoindex_loyalty_programs_1', '500 50 1'),
    ('loyalty_programs', 'sqlite_autoindex_loyalty_programs_2', '500 50 1'),
    ('loyalty_programs', 'loyalty_programs_by_name', '500 50 2 1'),
    ('loyalty_programs', 'loyalty_programs_by_update', '500 50 2 1'),
    ('loyalty_programs', 'loyalty_programs_by_type', '500 50 25 1'),
    ('loyalty_programs', 'loyalty_programs_by_group', '500 50 5 1'),
    ('loyalty_programs', 'loyalty_programs_by_territory', '500 50 10 1'),
    ('loyalty_programs', 'loyalty_programs_by_company', '500 50 25 1'),
    ('loyalty_programs', 'loyalty_programs_by_start', '500 50 2 1'),
    ('loyalty_programs', 'loyalty_programs_by_end', '500 50 5 1'),
    ('loyalty_programs', 'loyalty_programs_auto_opt_in', '100 10 1'),
    ('loyalty_programs_search_docs', 'sqlite_autoindex_loyalty_programs_search_docs_1', '500 50 1'),
    ('loyalty_programs_search_docs', 'loyalty_programs_search_docs_by_doc', '500 50 1'),
    ('loyalty_program_collections', 'sqlite_autoindex_loyalty_program_collections_1', '2000 200 1'),
    ('loyalty_program_collections', 'sqlite_autoindex_loyalty_program_collections_2', '2000 200 1'),
    ('loyalty_program_collections', 'sqlite_autoindex_loyalty_program_collections_3', '2000 200 4 1'),
    ('loyalty_program_collections', 'sqlite_autoindex_loyalty_program_collections_4', '2000 200 4 1'),
    ('loyalty_program_collections', 'sqlite_autoindex_loyalty_program_collections_5', '2000 200 4 1'),
    ('loyalty_program_collections', 'loyalty_program_collections_by_update', '2000 200 2 1'),
    ('loyalty_program_collections', 'loyalty_program_collections_by_name', '2000 200 10 1'),
    ('loyalty_program_collections', 'loyalty_program_collections_by_min_spent', '2000 200 10 1'),
    ('loyalty_program_collections', 'loyalty_program_collections_in_order', '2000 200 4 1');
