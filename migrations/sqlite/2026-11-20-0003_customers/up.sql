-- Columns in the order of the documents; `…_key` columns hold the folded text (an empty one: none).
CREATE TABLE customers (
    tenant_id                TEXT    NOT NULL,
    id                       BLOB    NOT NULL,
    external_id              TEXT,
    customer_name            TEXT    NOT NULL,
    customer_type            TEXT    NOT NULL
        CHECK (customer_type IN ('COMPANY', 'INDIVIDUAL', 'PARTNERSHIP')),
    first_name               TEXT,
    last_name                TEXT,
    gender                   TEXT,
    email_id                 TEXT,
    mobile_no                TEXT,
    website                  TEXT,
    image                    TEXT,
    language                 TEXT,
    customer_group_id        BLOB,
    territory                TEXT,
    market_segment           TEXT,
    industry                 TEXT,
    account_manager          TEXT,
    customer_pos_id          TEXT,
    customer_details         TEXT,
    tax_id                   TEXT,
    tax_category             TEXT,
    tax_withholding_category TEXT,
    tax_withholding_group    TEXT,
    default_currency         TEXT,
    default_price_list       TEXT,
    default_bank_account     TEXT,
    payment_terms            TEXT,
    default_sales_partner    TEXT,
    default_commission_rate  TEXT,
    lead_name                TEXT,
    opportunity_name         TEXT,
    prospect_name            TEXT,
    represents_company       TEXT,
    is_internal_customer     BOOLEAN NOT NULL,
    disabled                 BOOLEAN NOT NULL,
    is_frozen                BOOLEAN NOT NULL,
    so_required              BOOLEAN NOT NULL,
    dn_required              BOOLEAN NOT NULL,
    customer_name_key        TEXT    NOT NULL,
    email_id_key             TEXT    NOT NULL,
    mobile_no_key            TEXT    NOT NULL,
    tax_id_key               TEXT    NOT NULL,
    created_at               TEXT    NOT NULL,
    updated_at               TEXT    NOT NULL,
    created_by               TEXT    NOT NULL,
    last_modified_by         TEXT    NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, external_id),
    FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id),
    -- A customer's primary group is always one of its memberships. Deferred: the customer's row
    -- comes first, its membership second.
    FOREIGN KEY (tenant_id, id, customer_group_id)
        REFERENCES customer_group_memberships (tenant_id, customer_id, customer_group_id)
        DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX customers_by_name ON customers (tenant_id, customer_name_key, id);
CREATE INDEX customers_by_email ON customers (tenant_id, email_id_key, id);
CREATE INDEX customers_by_mobile ON customers (tenant_id, mobile_no_key, id);
CREATE INDEX customers_by_tax_id ON customers (tenant_id, tax_id_key, id);
CREATE INDEX customers_by_update ON customers (tenant_id, updated_at, id);
CREATE INDEX customers_by_type ON customers (tenant_id, customer_type, id);
-- Flags are rarely set, and "not set" is no selection worth an index.
CREATE INDEX customers_internal ON customers (tenant_id, id) WHERE is_internal_customer;
CREATE INDEX customers_disabled ON customers (tenant_id, id) WHERE disabled;
CREATE INDEX customers_frozen ON customers (tenant_id, id) WHERE is_frozen;
CREATE INDEX customers_so_required ON customers (tenant_id, id) WHERE so_required;
CREATE INDEX customers_dn_required ON customers (tenant_id, id) WHERE dn_required;
-- Substring search: as for the groups.
CREATE VIRTUAL TABLE customers_search USING fts5 (
    customer_name_key, email_id_key, mobile_no_key, tax_id_key,
    content = '', contentless_delete = 1, tokenize = 'trigram case_sensitive 1'
);
CREATE TABLE customers_search_docs (
    tenant_id TEXT    NOT NULL,
    id        BLOB    NOT NULL,
    doc       INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX customers_search_docs_by_doc ON customers_search_docs (tenant_id, doc);

CREATE TRIGGER customers_search_insert AFTER INSERT ON customers BEGIN
    INSERT INTO customers_search (customer_name_key, email_id_key, mobile_no_key, tax_id_key)
    VALUES (new.customer_name_key, new.email_id_key, new.mobile_no_key, new.tax_id_key);
    INSERT INTO customers_search_docs VALUES (new.tenant_id, new.id, last_insert_rowid());
END;
CREATE TRIGGER customers_search_update
AFTER UPDATE OF customer_name_key, email_id_key, mobile_no_key, tax_id_key ON customers
WHEN (new.customer_name_key, new.email_id_key, new.mobile_no_key, new.tax_id_key)
  <> (old.customer_name_key, old.email_id_key, old.mobile_no_key, old.tax_id_key) BEGIN
    UPDATE customers_search
    SET customer_name_key = new.customer_name_key, email_id_key = new.email_id_key,
        mobile_no_key = new.mobile_no_key, tax_id_key = new.tax_id_key
    WHERE rowid = (SELECT doc FROM customers_search_docs
                   WHERE tenant_id = new.tenant_id AND id = new.id);
END;
CREATE TRIGGER customers_search_delete AFTER DELETE ON customers BEGIN
    DELETE FROM customers_search
    WHERE rowid = (SELECT doc FROM customers_search_docs
                   WHERE tenant_id = old.tenant_id AND id = old.id);
    DELETE FROM customers_search_docs WHERE tenant_id = old.tenant_id AND id = old.id;
END;

-- Which customer is in which groups: the one truth about membership.
CREATE TABLE customer_group_memberships (
    tenant_id                TEXT    NOT NULL,
    customer_id              BLOB    NOT NULL,
    customer_group_id        BLOB    NOT NULL,
    created_at               TEXT    NOT NULL,
    created_by               TEXT    NOT NULL,
    PRIMARY KEY (tenant_id, customer_id, customer_group_id),
    FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, customer_group_id) REFERENCES customer_groups (tenant_id, id)
);

CREATE INDEX customer_group_memberships_by_group
    ON customer_group_memberships (tenant_id, customer_group_id, customer_id);

-- Statistics for the query planner: as for the groups.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('customers', 'sqlite_autoindex_customers_1', '1000000 100000 1'),
    ('customers', 'sqlite_autoindex_customers_2', '1000000 100000 1'),
    ('customers', 'customers_by_name', '1000000 100000 2 1'),
    ('customers', 'customers_by_email', '1000000 100000 2 1'),
    ('customers', 'customers_by_mobile', '1000000 100000 2 1'),
    ('customers', 'customers_by_tax_id', '1000000 100000 2 1'),
    ('customers', 'customers_by_update', '1000000 100000 2 1'),
    ('customers', 'customers_by_type', '1000000 100000 40000 1'),
    ('customers', 'customers_internal', '1000 100 1'),
    ('customers', 'customers_disabled', '10000 1000 1'),
    ('customers', 'customers_frozen', '1000 100 1'),
    ('customers', 'customers_so_required', '10000 1000 1'),
    ('customers', 'customers_dn_required', '10000 1000 1'),
    ('customers_search_docs', 'sqlite_autoindex_customers_search_docs_1', '1000000 100000 1'),
    ('customers_search_docs', 'customers_search_docs_by_doc', '1000000 100000 1'),
    ('customer_group_memberships', 'sqlite_autoindex_customer_group_memberships_1', '1500000 150000 2 1'),
    ('customer_group_memberships', 'customer_group_memberships_by_group', '1500000 150000 500 1');
