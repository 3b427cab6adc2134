DROP INDEX customers_by_preferred_shop;
ALTER TABLE customers DROP COLUMN preferred_shop;
