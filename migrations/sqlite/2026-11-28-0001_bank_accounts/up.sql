-- Bank accounts of customers. `idx` as for the supplier numbers.
CREATE TABLE customer_bank_accounts (
    tenant_id   TEXT    NOT NULL,
    id          BLOB    NOT NULL,
    external_id TEXT,
    customer_id BLOB    NOT NULL,
    idx         INTEGER NOT NULL,
    iban        TEXT    NOT NULL,
    bic         TEXT,
    owner_name  TEXT,
    created_at  TEXT    NOT NULL,
    updated_at  TEXT    NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, external_id),
    FOREIGN KEY (tenant_id, customer_id)
        REFERENCES customers (tenant_id, id) ON DELETE CASCADE
);

CREATE INDEX customer_bank_accounts_in_order
    ON customer_bank_accounts (tenant_id, customer_id, idx);
CREATE INDEX customer_bank_accounts_by_update
    ON customer_bank_accounts (tenant_id, updated_at, id);
CREATE INDEX customer_bank_accounts_by_iban ON customer_bank_accounts (tenant_id, iban, id);
CREATE UNIQUE INDEX customer_bank_accounts_once
    ON customer_bank_accounts (tenant_id, customer_id, iban);

-- Statistics for the query planner: as for the groups.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('customer_bank_accounts', 'sqlite_autoindex_customer_bank_accounts_1', '200000 20000 1'),
    ('customer_bank_accounts', 'sqlite_autoindex_customer_bank_accounts_2', '200000 20000 1'),
    ('customer_bank_accounts', 'customer_bank_accounts_in_order', '200000 20000 2 1'),
    ('customer_bank_accounts', 'customer_bank_accounts_by_update', '200000 20000 2 1'),
    ('customer_bank_accounts', 'customer_bank_accounts_by_iban', '200000 20000 2 1'),
    ('customer_bank_accounts', 'customer_bank_accounts_once', '200000 20000 2 1');
