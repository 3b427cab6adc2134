DROP TABLE customer_search_words;
DROP VIEW customer_search_keys;
ALTER TABLE customer_addresses DROP COLUMN search_keys;
ALTER TABLE customer_contacts DROP COLUMN search_keys;
ALTER TABLE customers DROP COLUMN search_keys;
ALTER TABLE tenants DROP COLUMN search_version;
ALTER TABLE tenants DROP COLUMN country;
