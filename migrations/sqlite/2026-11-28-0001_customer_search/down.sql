DROP TABLE customer_search_words;
DROP TABLE customer_search_keys;
ALTER TABLE tenants DROP COLUMN search_version;
ALTER TABLE tenants DROP COLUMN country;
