-- A number of a loyalty card, and an id at the points of sale, belongs to one customer. Before this
-- runs, the server looks for those that belong to several, and stops if there are any: it names them.
DROP INDEX customers_by_loyalty_id;
DROP INDEX customers_by_pos_id;
CREATE UNIQUE INDEX customers_by_loyalty_id ON customers (tenant_id, loyalty_id)
    WHERE loyalty_id IS NOT NULL;
CREATE UNIQUE INDEX customers_by_pos_id ON customers (tenant_id, customer_pos_id)
    WHERE customer_pos_id IS NOT NULL;
