-- Attributes that a tenant declares for a type of objects, by their keys. The choices of one are one text, with a
-- line for each.
CREATE TABLE attribute_definitions (
    tenant_id        text COLLATE "C" NOT NULL,
    id               uuid             NOT NULL,
    noun             text COLLATE "C" NOT NULL
        CHECK (noun IN ('CUSTOMER', 'CUSTOMER_GROUP', 'LOYALTY_PROGRAM', 'POS_PROFILE')),
    key              text COLLATE "C" NOT NULL,
    value_type       text COLLATE "C" NOT NULL
        CHECK (value_type IN ('TEXT', 'NUMBER', 'FLAG', 'DAY', 'CHOICE', 'MONEY')),
    is_list          boolean          NOT NULL,
    is_unique        boolean          NOT NULL,
    is_searchable    boolean          NOT NULL,
    description      text COLLATE "C",
    choices          text COLLATE "C",
    created_at       timestamptz      NOT NULL,
    updated_at       timestamptz      NOT NULL,
    created_by       text COLLATE "C" NOT NULL,
    last_modified_by text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, noun, key),
    FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
);

-- Their values, one per row: as they are written, and as they are sorted and compared in searches. A table for each
-- type, so that the values of an object are deleted with it. Every row has the flags of its definition, so that the
-- indexes contain only the values that need them.
CREATE TABLE customer_attribute_values (
    tenant_id     text COLLATE "C" NOT NULL,
    object_id     uuid             NOT NULL,
    definition_id uuid             NOT NULL,
    idx           integer          NOT NULL,
    value         text COLLATE "C" NOT NULL,
    sort_key      text COLLATE "C" NOT NULL,
    is_searchable boolean          NOT NULL,
    is_unique     boolean          NOT NULL,
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
    tenant_id     text COLLATE "C" NOT NULL,
    object_id     uuid             NOT NULL,
    definition_id uuid             NOT NULL,
    idx           integer          NOT NULL,
    value         text COLLATE "C" NOT NULL,
    sort_key      text COLLATE "C" NOT NULL,
    is_searchable boolean          NOT NULL,
    is_unique     boolean          NOT NULL,
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
    tenant_id     text COLLATE "C" NOT NULL,
    object_id     uuid             NOT NULL,
    definition_id uuid             NOT NULL,
    idx           integer          NOT NULL,
    value         text COLLATE "C" NOT NULL,
    sort_key      text COLLATE "C" NOT NULL,
    is_searchable boolean          NOT NULL,
    is_unique     boolean          NOT NULL,
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
    tenant_id     text COLLATE "C" NOT NULL,
    object_id     uuid             NOT NULL,
    definition_id uuid             NOT NULL,
    idx           integer          NOT NULL,
    value         text COLLATE "C" NOT NULL,
    sort_key      text COLLATE "C" NOT NULL,
    is_searchable boolean          NOT NULL,
    is_unique     boolean          NOT NULL,
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
