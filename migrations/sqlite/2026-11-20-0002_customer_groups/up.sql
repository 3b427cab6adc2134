-- A forest by `parent_id`. No nested sets and no stored depth or path: a move is one row.
CREATE TABLE customer_groups (
    tenant_id               TEXT    NOT NULL,
    id                      BLOB    NOT NULL,
    external_id             TEXT,
    parent_id               BLOB,
    is_group                BOOLEAN NOT NULL,
    customer_group_name     TEXT    NOT NULL,
    customer_group_name_key TEXT    NOT NULL,
    default_price_list      TEXT,
    payment_terms           TEXT,
    created_at              TEXT    NOT NULL,
    updated_at              TEXT    NOT NULL,
    created_by              TEXT    NOT NULL,
    last_modified_by        TEXT    NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, external_id),
    FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id),
    FOREIGN KEY (tenant_id, parent_id) REFERENCES customer_groups (tenant_id, id)
);

CREATE INDEX customer_groups_by_parent ON customer_groups (tenant_id, parent_id, id);
CREATE INDEX customer_groups_by_name ON customer_groups (tenant_id, customer_group_name_key, id);
CREATE INDEX customer_groups_by_update ON customer_groups (tenant_id, updated_at, id);
CREATE INDEX customer_groups_by_kind ON customer_groups (tenant_id, is_group, id);

-- Substring search has its index in both databases: here FTS5 with its trigram tokenizer, kept by
-- triggers. FTS5 knows a row by a number only, and a rowid may change in a VACUUM, so a table of
-- our own says which number (`doc`) is which group.
CREATE VIRTUAL TABLE customer_groups_search USING fts5 (
    customer_group_name_key,
    content = '', contentless_delete = 1, tokenize = 'trigram case_sensitive 1'
);
CREATE TABLE customer_groups_search_docs (
    tenant_id TEXT    NOT NULL,
    id        BLOB    NOT NULL,
    doc       INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX customer_groups_search_docs_by_doc ON customer_groups_search_docs (tenant_id, doc);

CREATE TRIGGER customer_groups_search_insert AFTER INSERT ON customer_groups BEGIN
    INSERT INTO customer_groups_search (customer_group_name_key) VALUES (new.customer_group_name_key);
    INSERT INTO customer_groups_search_docs VALUES (new.tenant_id, new.id, last_insert_rowid());
END;
CREATE TRIGGER customer_groups_search_update AFTER UPDATE OF customer_group_name_key ON customer_groups
WHEN new.customer_group_name_key <> old.customer_group_name_key BEGIN
    UPDATE customer_groups_search SET customer_group_name_key = new.customer_group_name_key
    WHERE rowid = (SELECT doc FROM customer_groups_search_docs
                   WHERE tenant_id = new.tenant_id AND id = new.id);
END;
CREATE TRIGGER customer_groups_search_delete AFTER DELETE ON customer_groups BEGIN
    DELETE FROM customer_groups_search
    WHERE rowid = (SELECT doc FROM customer_groups_search_docs
                   WHERE tenant_id = old.tenant_id AND id = old.id);
    DELETE FROM customer_groups_search_docs WHERE tenant_id = old.tenant_id AND id = old.id;
END;

-- Statistics for the query planner, which knows nothing of a new database and would take, for a page
-- of a group's customers, the index that has all customers in the wanted order. They describe a
-- typical installation (rows in all, then per value of each further column of the index), so that
-- plans are the same from the first row on. An ANALYZE replaces them by what is really there.
ANALYZE sqlite_schema;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('customer_groups', 'sqlite_autoindex_customer_groups_1', '5000 500 1'),
    ('customer_groups', 'sqlite_autoindex_customer_groups_2', '5000 500 1'),
    ('customer_groups', 'customer_groups_by_parent', '5000 500 10 1'),
    ('customer_groups', 'customer_groups_by_name', '5000 500 2 1'),
    ('customer_groups', 'customer_groups_by_update', '5000 500 2 1'),
    ('customer_groups', 'customer_groups_by_kind', '5000 500 250 1'),
    ('customer_groups_search_docs', 'sqlite_autoindex_customer_groups_search_docs_1', '5000 500 1'),
    ('customer_groups_search_docs', 'customer_groups_search_docs_by_doc', '5000 500 1');
