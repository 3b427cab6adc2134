-- What the second document knows of a customer, and the loyalty program of the first.
ALTER TABLE customers
    ADD COLUMN display_name            text COLLATE "C",
    ADD COLUMN account_manager_name    text COLLATE "C",
    ADD COLUMN account_manager_code    text COLLATE "C",
    ADD COLUMN loyalty_id              text COLLATE "C",
    ADD COLUMN loyalty_program_id      uuid,
    ADD COLUMN loyalty_program_tier_id uuid,
    ADD COLUMN ledger_number           text COLLATE "C",
    ADD COLUMN origin                  text COLLATE "C",
    ADD COLUMN internal_note           text COLLATE "C",
    ADD COLUMN payment_terms_days      integer,
    ADD COLUMN credit_limit            numeric,
    ADD COLUMN credit_balance          numeric,
    ADD COLUMN ehf_enabled             boolean NOT NULL DEFAULT false,
    ADD FOREIGN KEY (tenant_id, loyalty_program_id) REFERENCES loyalty_programs (tenant_id, id),
    ADD FOREIGN KEY (tenant_id, loyalty_program_id, loyalty_program_tier_id)
        REFERENCES loyalty_program_collections (tenant_id, loyalty_program_id, id),
    ADD CHECK (loyalty_program_tier_id IS NULL OR loyalty_program_id IS NOT NULL);

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
    ON customers (tenant_id, coalesce(credit_limit, '-Infinity'::numeric), id);
CREATE INDEX customers_by_credit_balance
    ON customers (tenant_id, coalesce(credit_balance, '-Infinity'::numeric), id);

-- Under which number each company of ours is a supplier to the customer. `idx` as for the tiers.
CREATE TABLE supplier_numbers_at_customer (
    tenant_id       text COLLATE "C" NOT NULL,
    id              uuid             NOT NULL,
    external_id     text COLLATE "C",
    customer_id     uuid             NOT NULL,
    idx             integer          NOT NULL,
    company         text COLLATE "C",
    supplier_number text COLLATE "C" NOT NULL,
    created_at      timestamptz      NOT NULL,
    updated_at      timestamptz      NOT NULL,
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
    tenant_id    text COLLATE "C" NOT NULL,
    id           uuid             NOT NULL,
    external_id  text COLLATE "C",
    customer_id  uuid             NOT NULL,
    idx          integer          NOT NULL,
    address_type text COLLATE "C" NOT NULL
        CHECK (address_type IN
            ('DELIVERY_ADDRESS', 'INVOICE_ADDRESS', 'POSTAL_ADDRESS', 'VISITING_ADDRESS', 'OTHER_ADDRESS')),
    is_primary   boolean          NOT NULL,
    display_name text COLLATE "C",
    company_name text COLLATE "C",
    first_name   text COLLATE "C",
    last_name    text COLLATE "C",
    address      text COLLATE "C",
    postal_code  text COLLATE "C",
    city         text COLLATE "C",
    region       text COLLATE "C",
    country_code text COLLATE "C",
    phone        text COLLATE "C",
    email_id     text COLLATE "C",
    created_at   timestamptz      NOT NULL,
    updated_at   timestamptz      NOT NULL,
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
    tenant_id    text COLLATE "C" NOT NULL,
    id           uuid             NOT NULL,
    external_id  text COLLATE "C",
    customer_id  uuid             NOT NULL,
    idx          integer          NOT NULL,
    is_primary   boolean          NOT NULL,
    display_name text COLLATE "C",
    first_name   text COLLATE "C",
    last_name    text COLLATE "C",
    title        text COLLATE "C",
    email_id     text COLLATE "C",
    mobile_no    text COLLATE "C",
    created_at   timestamptz      NOT NULL,
    updated_at   timestamptz      NOT NULL,
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
    tenant_id   text COLLATE "C" NOT NULL,
    id          uuid             NOT NULL,
    external_id text COLLATE "C",
    customer_id uuid             NOT NULL,
    idx         integer          NOT NULL,
    name        text COLLATE "C" NOT NULL,
    status      boolean          NOT NULL,
    source      text COLLATE "C",
    created_at  timestamptz      NOT NULL,
    updated_at  timestamptz      NOT NULL,
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
    tenant_id        text COLLATE "C" NOT NULL,
    id               uuid             NOT NULL,
    external_id      text COLLATE "C",
    customer_id      uuid             NOT NULL,
    idx              integer          NOT NULL,
    contact_id       uuid,
    extension_code   text COLLATE "C" NOT NULL,
    organization_uid text COLLATE "C",
    created_at       timestamptz      NOT NULL,
    updated_at       timestamptz      NOT NULL,
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
