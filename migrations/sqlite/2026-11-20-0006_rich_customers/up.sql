-- What the second document knows of a customer, and the loyalty program of the first.
ALTER TABLE customers ADD COLUMN display_name            TEXT;
ALTER TABLE customers ADD COLUMN account_manager_name    TEXT;
ALTER TABLE customers ADD COLUMN account_manager_code    TEXT;
ALTER TABLE customers ADD COLUMN loyalty_id              TEXT;
ALTER TABLE customers ADD COLUMN loyalty_program_id      BLOB;
ALTER TABLE customers ADD COLUMN loyalty_program_tier_id BLOB;
ALTER TABLE customers ADD COLUMN ledger_number           TEXT;
ALTER TABLE customers ADD COLUMN origin                  TEXT;
ALTER TABLE customers ADD COLUMN internal_note           TEXT;
ALTER TABLE customers ADD COLUMN payment_terms_days      INTEGER;
ALTER TABLE customers ADD COLUMN credit_limit            TEXT;
ALTER TABLE customers ADD COLUMN credit_balance          TEXT;
ALTER TABLE customers ADD COLUMN ehf_enabled             BOOLEAN NOT NULL DEFAULT false;

-- SQLite adds no foreign key of several columns to a table that is there: these triggers are the keys
-- (tenant_id, loyalty_program_id) and (tenant_id, loyalty_program_id, loyalty_program_tier_id).
CREATE TRIGGER customers_loyalty_program_insert BEFORE INSERT ON customers
WHEN new.loyalty_program_id IS NOT NULL OR new.loyalty_program_tier_id IS NOT NULL BEGIN
    SELECT RAISE(ABORT, 'FOREIGN KEY constraint failed') WHERE NOT EXISTS (
        SELECT 1 FROM loyalty_programs
        WHERE tenant_id = new.tenant_id AND id = new.loyalty_program_id
    ) OR new.loyalty_program_tier_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM loyalty_program_collections
        WHERE tenant_id = new.tenant_id AND loyalty_program_id = new.loyalty_program_id
          AND id = new.loyalty_program_tier_id
    );
END;
CREATE TRIGGER customers_loyalty_program_update
BEFORE UPDATE OF loyalty_program_id, loyalty_program_tier_id ON customers
WHEN new.loyalty_program_id IS NOT NULL OR new.loyalty_program_tier_id IS NOT NULL BEGIN
    SELECT RAISE(ABORT, 'FOREIGN KEY constraint failed') WHERE NOT EXISTS (
        SELECT 1 FROM loyalty_programs
        WHERE tenant_id = new.tenant_id AND id = new.loyalty_program_id
    ) OR new.loyalty_program_tier_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM loyalty_program_collections
        WHERE tenant_id = new.tenant_id AND loyalty_program_id = new.loyalty_program_id
          AND id = new.loyalty_program_tier_id
    );
END;
CREATE TRIGGER loyalty_programs_customers_delete BEFORE DELETE ON loyalty_programs BEGIN
    SELECT RAISE(ABORT, 'FOREIGN KEY constraint failed') WHERE EXISTS (
        SELECT 1 FROM customers WHERE tenant_id = old.tenant_id AND loyalty_program_id = old.id
    );
END;
CREATE TRIGGER loyalty_program_collections_customers_delete
BEFORE DELETE ON loyalty_program_collections BEGIN
    SELECT RAISE(ABORT, 'FOREIGN KEY constraint failed') WHERE EXISTS (
        SELECT 1 FROM customers WHERE tenant_id = old.tenant_id
          AND loyalty_program_id = old.loyalty_program_id AND loyalty_program_tier_id = old.id
    );
END;

-- Most customers have none of these: the indexes hold those that do.
CREATE INDEX customers_by_loyalty_program ON customers (tenant_id, loyalty_program_id, id)
    WHERE loyalty_program_id IS NOT NULL;
CREATE INDEX customers_by_loyalty_program_and_name
    ON customers (tenant_id, loyalty_program_id, customer_name_key, id)
    WHERE loyalty_program_id IS NOT NULL;
CREATE INDEX customers_by_loyalty_program_tier ON customers (tenant_id, loyalty_program_tier_id, id)
    WHERE loyalty_program_tier_id IS NOT NULL;
CREATE INDEX customers_by_loyalty_program_tier_and_name
    ON customers (tenant_id, loyalty_program_tier_id, customer_name_key, id)
    WHERE loyalty_program_tier_id IS NOT NULL;
CREATE INDEX customers_by_loyalty_id ON customers (tenant_id, loyalty_id, id)
    WHERE loyalty_id IS NOT NULL;
CREATE INDEX customers_by_ledger_number ON customers (tenant_id, ledger_number, id)
    WHERE ledger_number IS NOT NULL;
CREATE INDEX customers_by_pos_id ON customers (tenant_id, customer_pos_id, id)
    WHERE customer_pos_id IS NOT NULL;
CREATE INDEX customers_by_territory ON customers (tenant_id, territory, id)
    WHERE territory IS NOT NULL;
CREATE INDEX customers_by_account_manager ON customers (tenant_id, account_manager, id)
    WHERE account_manager IS NOT NULL;
-- As for the programs' dates: what is missing is less than anything.
CREATE INDEX customers_by_credit_limit
    ON customers (tenant_id, coalesce(credit_limit, ''), id);
CREATE INDEX customers_by_credit_balance
    ON customers (tenant_id, coalesce(credit_balance, ''), id);

-- Under which number each company of ours is a supplier to the customer. `idx` as for the tiers.
CREATE TABLE supplier_numbers_at_customer (
    tenant_id       TEXT    NOT NULL,
    id              BLOB    NOT NULL,
    external_id     TEXT,
    customer_id     BLOB    NOT NULL,
    idx             INTEGER NOT NULL,
    company         TEXT,
    supplier_number TEXT    NOT NULL,
    created_at      TEXT    NOT NULL,
    updated_at      TEXT    NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, external_id),
    FOREIGN KEY (tenant_id, customer_id)
        REFERENCES customers (tenant_id, id) ON DELETE CASCADE
);

CREATE INDEX supplier_numbers_at_customer_in_order
    ON supplier_numbers_at_customer (tenant_id, customer_id, idx);
CREATE INDEX supplier_numbers_at_customer_by_update
    ON supplier_numbers_at_customer (tenant_id, updated_at, id);
CREATE INDEX supplier_numbers_at_customer_of_company
    ON supplier_numbers_at_customer (tenant_id, company, id) WHERE company IS NOT NULL;
CREATE INDEX supplier_numbers_at_customer_by_number
    ON supplier_numbers_at_customer (tenant_id, supplier_number, id);
-- One number for each company, and one for none in particular.
CREATE UNIQUE INDEX supplier_numbers_at_customer_by_company
    ON supplier_numbers_at_customer (tenant_id, customer_id, coalesce(company, ''));

-- `idx` is the order in which they are listed.
CREATE TABLE customer_addresses (
    tenant_id    TEXT    NOT NULL,
    id           BLOB    NOT NULL,
    external_id  TEXT,
    customer_id  BLOB    NOT NULL,
    idx          INTEGER NOT NULL,
    address_type TEXT    NOT NULL
        CHECK (address_type IN
            ('DELIVERY_ADDRESS', 'INVOICE_ADDRESS', 'POSTAL_ADDRESS', 'VISITING_ADDRESS', 'OTHER_ADDRESS')),
    is_primary   BOOLEAN NOT NULL,
    display_name TEXT,
    company_name TEXT,
    first_name   TEXT,
    last_name    TEXT,
    address      TEXT,
    postal_code  TEXT,
    city         TEXT,
    region       TEXT,
    country_code TEXT,
    phone        TEXT,
    email_id     TEXT,
    created_at   TEXT    NOT NULL,
    updated_at   TEXT    NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, external_id),
    FOREIGN KEY (tenant_id, customer_id)
        REFERENCES customers (tenant_id, id) ON DELETE CASCADE
);

CREATE INDEX customer_addresses_in_order ON customer_addresses (tenant_id, customer_id, idx);
CREATE INDEX customer_addresses_by_update ON customer_addresses (tenant_id, updated_at, id);
CREATE INDEX customer_addresses_by_type ON customer_addresses (tenant_id, address_type, id);
CREATE INDEX customer_addresses_by_country ON customer_addresses (tenant_id, country_code, id)
    WHERE country_code IS NOT NULL;
CREATE INDEX customer_addresses_by_postal_code ON customer_addresses (tenant_id, postal_code, id)
    WHERE postal_code IS NOT NULL;
CREATE UNIQUE INDEX customer_addresses_primary ON customer_addresses (tenant_id, customer_id)
    WHERE is_primary;

CREATE TABLE customer_contacts (
    tenant_id    TEXT    NOT NULL,
    id           BLOB    NOT NULL,
    external_id  TEXT,
    customer_id  BLOB    NOT NULL,
    idx          INTEGER NOT NULL,
    is_primary   BOOLEAN NOT NULL,
    display_name TEXT,
    first_name   TEXT,
    last_name    TEXT,
    title        TEXT,
    email_id     TEXT,
    mobile_no    TEXT,
    created_at   TEXT    NOT NULL,
    updated_at   TEXT    NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, external_id),
    -- What a contact's extensions refer to.
    UNIQUE (tenant_id, customer_id, id),
    FOREIGN KEY (tenant_id, customer_id)
        REFERENCES customers (tenant_id, id) ON DELETE CASCADE
);

CREATE INDEX customer_contacts_in_order ON customer_contacts (tenant_id, customer_id, idx);
CREATE INDEX customer_contacts_by_update ON customer_contacts (tenant_id, updated_at, id);
CREATE INDEX customer_contacts_by_email ON customer_contacts (tenant_id, email_id, id)
    WHERE email_id IS NOT NULL;
CREATE INDEX customer_contacts_by_mobile ON customer_contacts (tenant_id, mobile_no, id)
    WHERE mobile_no IS NOT NULL;
CREATE UNIQUE INDEX customer_contacts_primary ON customer_contacts (tenant_id, customer_id)
    WHERE is_primary;

CREATE TABLE customer_consents (
    tenant_id   TEXT    NOT NULL,
    id          BLOB    NOT NULL,
    external_id TEXT,
    customer_id BLOB    NOT NULL,
    idx         INTEGER NOT NULL,
    name        TEXT    NOT NULL,
    status      BOOLEAN NOT NULL,
    source      TEXT,
    created_at  TEXT    NOT NULL,
    updated_at  TEXT    NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, external_id),
    UNIQUE (tenant_id, customer_id, name),
    FOREIGN KEY (tenant_id, customer_id)
        REFERENCES customers (tenant_id, id) ON DELETE CASCADE
);

CREATE INDEX customer_consents_in_order ON customer_consents (tenant_id, customer_id, idx);
CREATE INDEX customer_consents_by_name ON customer_consents (tenant_id, name, id);
CREATE INDEX customer_consents_by_customer
    ON customer_consents (tenant_id, name, status, customer_id);
CREATE INDEX customer_consents_given ON customer_consents (tenant_id, id) WHERE status;
CREATE INDEX customer_consents_by_update ON customer_consents (tenant_id, updated_at, id);

-- Of the customer, or of one of its contacts.
CREATE TABLE customer_extensions (
    tenant_id        TEXT    NOT NULL,
    id               BLOB    NOT NULL,
    external_id      TEXT,
    customer_id      BLOB    NOT NULL,
    idx              INTEGER NOT NULL,
    contact_id       BLOB,
    extension_code   TEXT    NOT NULL,
    organization_uid TEXT,
    created_at       TEXT    NOT NULL,
    updated_at       TEXT    NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, external_id),
    FOREIGN KEY (tenant_id, customer_id)
        REFERENCES customers (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, customer_id, contact_id)
        REFERENCES customer_contacts (tenant_id, customer_id, id) ON DELETE CASCADE
);

CREATE INDEX customer_extensions_in_order ON customer_extensions (tenant_id, customer_id, idx);
CREATE INDEX customer_extensions_by_update ON customer_extensions (tenant_id, updated_at, id);
CREATE INDEX customer_extensions_by_service ON customer_extensions (tenant_id, extension_code, id);
CREATE INDEX customer_extensions_by_organization
    ON customer_extensions (tenant_id, organization_uid, id) WHERE organization_uid IS NOT NULL;
CREATE INDEX customer_extensions_of_contact ON customer_extensions (tenant_id, contact_id, id)
    WHERE contact_id IS NOT NULL;
CREATE INDEX customer_extensions_by_contact
    ON customer_extensions (tenant_id, customer_id, contact_id);
CREATE UNIQUE INDEX customer_extensions_by_code
    ON customer_extensions (tenant_id, customer_id, coalesce(contact_id, customer_id), extension_code);

-- Statistics for the query planner: as for the groups.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('customers', 'customers_by_loyalty_program', '500000 50000 5000 1'),
    ('customers', 'customers_by_loyalty_program_and_name', '500000 50000 5000 2 1'),
    ('customers', 'customers_by_loyalty_program_tier', '500000 50000 2000 1'),
    ('customers', 'customers_by_loyalty_program_tier_and_name', '500000 50000 2000 2 1'),
    ('customers', 'customers_by_loyalty_id', '500000 50000 2 1'),
    ('customers', 'customers_by_ledger_number', '1000000 100000 2 1'),
    ('customers', 'customers_by_pos_id', '1000000 100000 2 1'),
    ('customers', 'customers_by_territory', '1000000 100000 5000 1'),
    ('customers', 'customers_by_account_manager', '1000000 100000 2000 1'),
    ('customers', 'customers_by_credit_limit', '1000000 100000 500 1'),
    ('customers', 'customers_by_credit_balance', '1000000 100000 100 1'),
    ('supplier_numbers_at_customer', 'sqlite_autoindex_supplier_numbers_at_customer_1', '200000 20000 1'),
    ('supplier_numbers_at_customer', 'sqlite_autoindex_supplier_numbers_at_customer_2', '200000 20000 1'),
    ('supplier_numbers_at_customer', 'supplier_numbers_at_customer_by_company', '200000 20000 2 1'),
    ('supplier_numbers_at_customer', 'supplier_numbers_at_customer_by_update', '200000 20000 2 1'),
    ('supplier_numbers_at_customer', 'supplier_numbers_at_customer_of_company', '200000 20000 5000 1'),
    ('supplier_numbers_at_customer', 'supplier_numbers_at_customer_by_number', '200000 20000 2 1'),
    ('supplier_numbers_at_customer', 'supplier_numbers_at_customer_in_order', '200000 20000 2 1'),
    ('customer_addresses', 'sqlite_autoindex_customer_addresses_1', '1500000 150000 1'),
    ('customer_addresses', 'sqlite_autoindex_customer_addresses_2', '1500000 150000 1'),
    ('customer_addresses', 'customer_addresses_by_update', '1500000 150000 2 1'),
    ('customer_addresses', 'customer_addresses_by_type', '1500000 150000 30000 1'),
    ('customer_addresses', 'customer_addresses_by_country', '1500000 150000 20000 1'),
    ('customer_addresses', 'customer_addresses_by_postal_code', '1500000 150000 50 1'),
    ('customer_addresses', 'customer_addresses_in_order', '1500000 150000 2 1'),
    ('customer_addresses', 'customer_addresses_primary', '1000000 100000 1'),
    ('customer_contacts', 'sqlite_autoindex_customer_contacts_1', '1500000 150000 1'),
    ('customer_contacts', 'sqlite_autoindex_customer_contacts_2', '1500000 150000 1'),
    ('customer_contacts', 'sqlite_autoindex_customer_contacts_3', '1500000 150000 2 1'),
    ('customer_contacts', 'customer_contacts_by_update', '1500000 150000 2 1'),
    ('customer_contacts', 'customer_contacts_by_email', '1500000 150000 2 1'),
    ('customer_contacts', 'customer_contacts_by_mobile', '1500000 150000 2 1'),
    ('customer_contacts', 'customer_contacts_in_order', '1500000 150000 2 1'),
    ('customer_contacts', 'customer_contacts_primary', '1000000 100000 1'),
    ('customer_consents', 'sqlite_autoindex_customer_consents_1', '2000000 200000 1'),
    ('customer_consents', 'sqlite_autoindex_customer_consents_2', '2000000 200000 1'),
    ('customer_consents', 'sqlite_autoindex_customer_consents_3', '2000000 200000 2 1'),
    ('customer_consents', 'customer_consents_by_name', '2000000 200000 20000 1'),
    ('customer_consents', 'customer_consents_by_customer', '2000000 200000 20000 10000 1'),
    ('customer_consents', 'customer_consents_given', '1000000 100000 1'),
    ('customer_consents', 'customer_consents_by_update', '2000000 200000 2 1'),
    ('customer_consents', 'customer_consents_in_order', '2000000 200000 2 1'),
    ('customer_extensions', 'sqlite_autoindex_customer_extensions_1', '200000 20000 1'),
    ('customer_extensions', 'sqlite_autoindex_customer_extensions_2', '200000 20000 1'),
    ('customer_extensions', 'customer_extensions_by_contact', '200000 20000 2 1'),
    ('customer_extensions', 'customer_extensions_by_code', '200000 20000 2 1 1'),
    ('customer_extensions', 'customer_extensions_by_update', '200000 20000 2 1'),
    ('customer_extensions', 'customer_extensions_by_service', '200000 20000 5000 1'),
    ('customer_extensions', 'customer_extensions_by_organization', '200000 20000 2 1'),
    ('customer_extensions', 'customer_extensions_of_contact', '200000 20000 2 1'),
    ('customer_extensions', 'customer_extensions_in_order', '200000 20000 2 1');
