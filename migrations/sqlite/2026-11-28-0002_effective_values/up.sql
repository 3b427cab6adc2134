-- The values that customers inherit: a customer has its own, else that of its primary group, of the
-- nearest group above that has one, or of the tenant.
ALTER TABLE customer_groups ADD COLUMN payment_terms_days INTEGER;
ALTER TABLE customer_groups ADD COLUMN credit_limit TEXT;
ALTER TABLE customer_groups ADD COLUMN language TEXT;
ALTER TABLE tenants ADD COLUMN default_price_list TEXT;
ALTER TABLE tenants ADD COLUMN payment_terms TEXT;
ALTER TABLE tenants ADD COLUMN payment_terms_days INTEGER;
ALTER TABLE tenants ADD COLUMN credit_limit TEXT;
ALTER TABLE tenants ADD COLUMN language TEXT;

-- Customers are found by their effective price list: by their own, or without one by their group.
CREATE INDEX customers_by_price_list ON customers (tenant_id, default_price_list, id)
    WHERE default_price_list IS NOT NULL;
CREATE INDEX customers_without_price_list ON customers (tenant_id, customer_group_id, id)
    WHERE default_price_list IS NULL;
CREATE INDEX customer_groups_by_price_list ON customer_groups (tenant_id, default_price_list, id)
    WHERE default_price_list IS NOT NULL;
-- Statistics for the query planner: as for the groups.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('customers', 'customers_by_price_list', '100000 10000 500 1'),
    ('customers', 'customers_without_price_list', '900000 90000 200 1'),
    ('customer_groups', 'customer_groups_by_price_list', '500 50 5 1');
