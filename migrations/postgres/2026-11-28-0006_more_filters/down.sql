ALTER TABLE customer_contacts DROP COLUMN first_name_key;
ALTER TABLE customer_contacts DROP COLUMN last_name_key;
ALTER TABLE customer_addresses DROP COLUMN city_key;
DROP INDEX customers_by_gender;
DROP INDEX customers_by_language;
DROP INDEX customers_by_market_segment;
DROP INDEX customers_by_industry;
DROP INDEX customers_by_currency;
