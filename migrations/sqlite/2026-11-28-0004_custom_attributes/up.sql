-- Attributes that a tenant declares for a type of objects, by their keys. The choices of one are one text, with a
-- line for each.
CREATE TABLE attribute_definitions (
    tenant_id        TEXT    NOT NULL,
    id               BLOB    NOT NULL,
    noun             TEXT    NOT NULL
        CHECK (noun IN ('CUSTOMER', 'CUSTOMER_GROUP', 'LOYALTY_PROGRAM', 'POS_PROFILE')),
    key              TEXT    NOT NULL,
    value_type       TEXT    NOT NULL
        CHECK (value_type IN ('TEXT', 'NUMBER', 'FLAG', 'DAY', 'CHOICE', 'MONEY')),
    is_list          BOOLEAN NOT NULL,
    is_unique        BOOLEAN NOT NULL,
    is_searchable    BOOLEAN NOT NULL,
    description      TEXT,
    choices          TEXT,
    created_at       TEXT    NOT NULL,
    updated_at       TEXT    NOT NULL,
    created_by       TEXT    NOT NULL,
    last_modified_by TEXT    NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, noun, key),
    FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
);

-- Their values, one per row: as they are written, and as they are sorted and compared in searches. A table for each
-- type, so that the values of an object are deleted with it. Every row has the flags of its definition, so that the
-- indexes contain only the values that need them.
CREATE TABLE customer_attribute_values (
    tenant_id     TEXT    NOT NULL,
    object_id     BLOB    NOT NULL,
    definition_id BLOB    NOT NULL,
    idx           INTEGER NOT NULL,
    value         TEXT    NOT NULL,
    sort_key      TEXT    NOT NULL,
    is_searchable BOOLEAN NOT NULL,
    is_unique     BOOLEAN NOT NULL,
    PRIMARY KEY (tenant_id, object_id, definition_id, idx),
    FOREIGN KEY (tenant_id, object_id) REFERENCES customers (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, definition_id) REFERENCES attribute_definitions (tenant_id, id)
);

-- For changes of a definition, which read all of its values.
CREATE INDEX customer_attribute_values_by_value
    ON customer_attribute_values (tenant_id, definition_id, value, object_id);
CREATE UNIQUE INDEX customer_attribute_values_unique
    ON customer_attribute_values (tenant_id, definition_id, value) WHERE is_unique;
CREATE INDEX customer_attribute_values_by_sort_key
    ON customer_attribute_values (tenant_id, definition_id, sort_key, object_id)
    WHERE is_searchable;

CREATE TABLE customer_group_attribute_values (
    tenant_id     TEXT    NOT NULL,
    object_id     BLOB    NOT NULL,
    definition_id BLOB    NOT NULL,
    idx           INTEGER NOT NULL,
    value         TEXT    NOT NULL,
    sort_key      TEXT    NOT NULL,
    is_searchable BOOLEAN NOT NULL,
    is_unique     BOOLEAN NOT NULL,
    PRIMARY KEY (tenant_id, object_id, definition_id, idx),
    FOREIGN KEY (tenant_id, object_id) REFERENCES customer_groups (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, definition_id) REFERENCES attribute_definitions (tenant_id, id)
);

CREATE INDEX customer_group_attribute_values_by_value
    ON customer_group_attribute_values (tenant_id, definition_id, value, object_id);
CREATE UNIQUE INDEX customer_group_attribute_values_unique
    ON customer_group_attribute_values (tenant_id, definition_id, value) WHERE is_unique;
CREATE INDEX customer_group_attribute_values_by_sort_key
    ON customer_group_attribute_values (tenant_id, definition_id, sort_key, object_id)
    WHERE is_searchable;

CREATE TABLE loyalty_program_attribute_values (
    tenant_id     TEXT    NOT NULL,
    object_id     BLOB    NOT NULL,
    definition_id BLOB    NOT NULL,
    idx           INTEGER NOT NULL,
    value         TEXT    NOT NULL,
    sort_key      TEXT    NOT NULL,
    is_searchable BOOLEAN NOT NULL,
    is_unique     BOOLEAN NOT NULL,
    PRIMARY KEY (tenant_id, object_id, definition_id, idx),
    FOREIGN KEY (tenant_id, object_id) REFERENCES loyalty_programs (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, definition_id) REFERENCES attribute_definitions (tenant_id, id)
);

CREATE INDEX loyalty_program_attribute_values_by_value
    ON loyalty_program_attribute_values (tenant_id, definition_id, value, object_id);
CREATE UNIQUE INDEX loyalty_program_attribute_values_unique
    ON loyalty_program_attribute_values (tenant_id, definition_id, value) WHERE is_unique;
CREATE INDEX loyalty_program_attribute_values_by_sort_key
    ON loyalty_program_attribute_values (tenant_id, definition_id, sort_key, object_id)
    WHERE is_searchable;

CREATE TABLE pos_profile_attribute_values (
    tenant_id     TEXT    NOT NULL,
    object_id     BLOB    NOT NULL,
    definition_id BLOB    NOT NULL,
    idx           INTEGER NOT NULL,
    value         TEXT    NOT NULL,
    sort_key      TEXT    NOT NULL,
    is_searchable BOOLEAN NOT NULL,
    is_unique     BOOLEAN NOT NULL,
    PRIMARY KEY (tenant_id, object_id, definition_id, idx),
    FOREIGN KEY (tenant_id, object_id) REFERENCES pos_profiles (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, definition_id) REFERENCES attribute_definitions (tenant_id, id)
);

CREATE INDEX pos_profile_attribute_values_by_value
    ON pos_profile_attribute_values (tenant_id, definition_id, value, object_id);
CREATE UNIQUE INDEX pos_profile_attribute_values_unique
    ON pos_profile_attribute_values (tenant_id, definition_id, value) WHERE is_unique;
CREATE INDEX pos_profile_attribute_values_by_sort_key
    ON pos_profile_attribute_values (tenant_id, definition_id, sort_key, object_id)
    WHERE is_searchable;

-- Statistics for the query planner: typical rows of all tenants, of one tenant, and of one value of each further column.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('attribute_definitions', 'sqlite_autoindex_attribute_definitions_1', '200 20 1'),
    ('attribute_definitions', 'sqlite_autoindex_attribute_definitions_2', '200 20 5 1'),
    ('customer_attribute_values', 'sqlite_autoindex_customer_attribute_values_1', '3000000 300000 3 1 1'),
    ('customer_attribute_values', 'customer_attribute_values_by_value', '3000000 300000 100000 1000 1'),
    ('customer_attribute_values', 'customer_attribute_values_unique', '300000 30000 10000 1'),
    ('customer_attribute_values', 'customer_attribute_values_by_sort_key', '1500000 150000 50000 1000 1'),
    ('customer_group_attribute_values', 'sqlite_autoindex_customer_group_attribute_values_1', '1500 150 3 1 1'),
    ('customer_group_attribute_values', 'customer_group_attribute_values_by_value', '1500 150 50 2 1'),
    ('customer_group_attribute_values', 'customer_group_attribute_values_unique', '150 15 5 1'),
    ('customer_group_attribute_values', 'customer_group_attribute_values_by_sort_key', '750 75 25 2 1'),
    ('loyalty_program_attribute_values', 'sqlite_autoindex_loyalty_program_attribute_values_1', '1500 150 3 1 1'),
    ('loyalty_program_attribute_values', 'loyalty_program_attribute_values_by_value', '1500 150 50 2 1'),
    ('loyalty_program_attribute_values', 'loyalty_program_attribute_values_unique', '150 15 5 1'),
    ('loyalty_program_attribute_values', 'loyalty_program_attribute_values_by_sort_key', '750 75 25 2 1'),
    ('pos_profile_attribute_values', 'sqlite_autoindex_pos_profile_attribute_values_1', '1500 150 3 1 1'),
    ('pos_profile_attribute_values', 'pos_profile_attribute_values_by_value', '1500 150 50 2 1'),
    ('pos_profile_attribute_values', 'pos_profile_attribute_values_unique', '150 15 5 1'),
    ('pos_profile_attribute_values', 'pos_profile_attribute_values_by_sort_key', '750 75 25 2 1');
