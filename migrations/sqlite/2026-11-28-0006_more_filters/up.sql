-- Filters of customers.
CREATE INDEX customers_by_gender ON customers (tenant_id, gender, id) WHERE gender IS NOT NULL;
CREATE INDEX customers_by_language ON customers (tenant_id, language, id) WHERE language IS NOT NULL;
CREATE INDEX customers_by_market_segment ON customers (tenant_id, market_segment, id) WHERE market_segment IS NOT NULL;
CREATE INDEX customers_by_industry ON customers (tenant_id, industry, id) WHERE industry IS NOT NULL;
CREATE INDEX customers_by_currency ON customers (tenant_id, default_currency, id) WHERE default_currency IS NOT NULL;

-- Filters of contacts and addresses by folded texts. Only the server folds: it does so with those that exist when the
-- migrations have run, and finds them by the second index of each, which is empty afterwards.
ALTER TABLE customer_contacts ADD COLUMN first_name_key TEXT;
ALTER TABLE customer_contacts ADD COLUMN last_name_key TEXT;
ALTER TABLE customer_addresses ADD COLUMN city_key TEXT;
CREATE INDEX customer_contacts_by_first_name_key ON customer_contacts (tenant_id, first_name_key, id) WHERE first_name_key IS NOT NULL;
CREATE INDEX customer_contacts_unfolded_first_name ON customer_contacts (tenant_id, id)
    WHERE first_name IS NOT NULL AND first_name_key IS NULL;
CREATE INDEX customer_contacts_by_last_name_key ON customer_contacts (tenant_id, last_name_key, id) WHERE last_name_key IS NOT NULL;
CREATE INDEX customer_contacts_unfolded_last_name ON customer_contacts (tenant_id, id)
    WHERE last_name IS NOT NULL AND last_name_key IS NULL;
CREATE INDEX customer_addresses_by_city_key ON customer_addresses (tenant_id, city_key, id) WHERE city_key IS NOT NULL;
CREATE INDEX customer_addresses_unfolded_city ON customer_addresses (tenant_id, id)
    WHERE city IS NOT NULL AND city_key IS NULL;

-- Statistics for the query planner: as for the groups.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('customers', 'customers_by_gender', '300000 30000 10000 1'),
    ('customers', 'customers_by_language', '500000 50000 10000 1'),
    ('customers', 'customers_by_market_segment', '300000 30000 3000 1'),
    ('customers', 'customers_by_industry', '300000 30000 1000 1'),
    ('customers', 'customers_by_currency', '500000 50000 10000 1'),
    ('customer_contacts', 'customer_contacts_by_first_name_key', '500000 50000 100 1'),
    ('customer_contacts', 'customer_contacts_unfolded_first_name', '1 1 1'),
    ('customer_contacts', 'customer_contacts_by_last_name_key', '500000 50000 20 1'),
    ('customer_contacts', 'customer_contacts_unfolded_last_name', '1 1 1'),
    ('customer_addresses', 'customer_addresses_by_city_key', '900000 90000 200 1'),
    ('customer_addresses', 'customer_addresses_unfolded_city', '1 1 1');
