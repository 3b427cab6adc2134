DROP INDEX customers_by_loyalty_id;
DROP INDEX customers_by_pos_id;
CREATE INDEX customers_by_loyalty_id ON customers (tenant_id, loyalty_id, id)
    WHERE loyalty_id IS NOT NULL;
CREATE INDEX customers_by_pos_id ON customers (tenant_id, customer_pos_id, id)
    WHERE customer_pos_id IS NOT NULL;
