-- Bank accounts of customers. `idx` as for the supplier numbers.
CREATE TABLE customer_bank_accounts (
    tenant_id   text COLLATE "C" NOT NULL,
    id          uuid             NOT NULL,
    external_id text COLLATE "C",
    customer_id uuid             NOT NULL,
    idx         integer          NOT NULL,
    iban        text COLLATE "C" NOT NULL,
    bic         text COLLATE "C",
    owner_name  text COLLATE "C",
    created_at  timestamptz      NOT NULL,
    updated_at  timestamptz      NOT NULL,
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
