-- Columns in the order of the documents; `…_key` columns hold the folded text (an empty one: none).
CREATE TABLE customers (
    tenant_id                text COLLATE "C" NOT NULL,
    id                       uuid             NOT NULL,
    external_id              text COLLATE "C",
    customer_name            text COLLATE "C" NOT NULL,
    customer_type            text COLLATE "C" NOT NULL
        CHECK (customer_type IN ('COMPANY', 'INDIVIDUAL', 'PARTNERSHIP')),
    first_name               text COLLATE "C",
    last_name                text COLLATE "C",
    gender                   text COLLATE "C",
    email_id                 text COLLATE "C",
    mobile_no                text COLLATE "C",
    website                  text COLLATE "C",
    image                    text COLLATE "C",
    language                 text COLLATE "C",
    customer_group_id        uuid,
    territory                text COLLATE "C",
    market_segment           text COLLATE "C",
    industry                 text COLLATE "C",
    account_manager          text COLLATE "C",
    customer_pos_id          text COLLATE "C",
    customer_details         text COLLATE "C",
    tax_id                   text COLLATE "C",
    tax_category             text COLLATE "C",
    tax_withholding_category text COLLATE "C",
    tax_withholding_group    text COLLATE "C",
    default_currency         text COLLATE "C",
    default_price_list       text COLLATE "C",
    default_bank_account     text COLLATE "C",
    payment_terms            text COLLATE "C",
    default_sales_partner    text COLLATE "C",
    default_commission_rate  numeric,
    lead_name                text COLLATE "C",
    opportunity_name         text COLLATE "C",
    prospect_name            text COLLATE "C",
    represents_company       text COLLATE "C",
    is_internal_customer     boolean          NOT NULL,
    disabled                 boolean          NOT NULL,
    is_frozen                boolean          NOT NULL,
    so_required              boolean          NOT NULL,
    dn_required              boolean          NOT NULL,
    customer_name_key        text COLLATE "C" NOT NULL,
    email_id_key             text COLLATE "C" NOT NULL,
    mobile_no_key            text COLLATE "C" NOT NULL,
    tax_id_key               text COLLATE "C" NOT NULL,
    created_at               timestamptz      NOT NULL,
    updated_at               timestamptz      NOT NULL,
    created_by               text COLLATE "C" NOT NULL,
    last_modified_by         text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, external_id),
    FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
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
CREATE INDEX customers_search ON customers USING gin (
    tenant_id,
    customer_name_key gin_trgm_ops,
    email_id_key gin_trgm_ops,
    mobile_no_key gin_trgm_ops,
    tax_id_key gin_trgm_ops
);

-- Which customer is in which groups: the one truth about membership.
CREATE TABLE customer_group_memberships (
    tenant_id         text COLLATE "C" NOT NULL,
    customer_id       uuid             NOT NULL,
    customer_group_id uuid             NOT NULL,
    created_at        timestamptz      NOT NULL,
    created_by        text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, customer_id, customer_group_id),
    FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, customer_group_id) REFERENCES customer_groups (tenant_id, id)
);

CREATE INDEX customer_group_memberships_by_group
    ON customer_group_memberships (tenant_id, customer_group_id, customer_id);

-- A customer's primary group is always one of its memberships. Deferred: the customer's row comes
-- first, its membership second.
ALTER TABLE customers ADD CONSTRAINT customers_primary_group_is_a_membership
    FOREIGN KEY (tenant_id, id, customer_group_id)
    REFERENCES customer_group_memberships (tenant_id, customer_id, customer_group_id)
    DEFERRABLE INITIALLY DEFERRED;
