ALTER TABLE customers ADD COLUMN preferred_shop text COLLATE "C";
CREATE INDEX customers_by_preferred_shop ON customers (tenant_id, preferred_shop, id)
    WHERE preferred_shop IS NOT NULL;
