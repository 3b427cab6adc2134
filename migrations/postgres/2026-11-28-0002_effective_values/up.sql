-- The values that customers inherit: a customer has its own, else that of its primary group, of the
-- nearest group above that has one, or of the tenant.
ALTER TABLE customer_groups
    ADD COLUMN payment_terms_days integer,
    ADD COLUMN credit_limit       numeric,
    ADD COLUMN language           text COLLATE "C";
ALTER TABLE tenants
    ADD COLUMN default_price_list text COLLATE "C",
    ADD COLUMN payment_terms      text COLLATE "C",
    ADD COLUMN payment_terms_days integer,
    ADD COLUMN credit_limit       numeric,
    ADD COLUMN language           text COLLATE "C";

-- Customers are found by their effective price list: by their own, or without one by their group.
CREATE INDEX customers_by_price_list ON customers (tenant_id, default_price_list, id)
    WHERE default_price_list IS NOT NULL;
CREATE INDEX customers_without_price_list ON customers (tenant_id, customer_group_id, id)
    WHERE default_price_list IS NULL;
CREATE INDEX customer_groups_by_price_list ON customer_groups (tenant_id, default_price_list, id)
    WHERE default_price_list IS NOT NULL;
