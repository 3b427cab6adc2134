DROP VIEW customer_search_keys;
ALTER TABLE customers DROP COLUMN child_search_keys;

CREATE INDEX customers_by_search_key ON customers
    USING gin (tenant_id, array_to_tsvector(string_to_array(search_keys, ' '))) WITH (fastupdate = off);
CREATE INDEX customer_contacts_by_search_key ON customer_contacts
    USING gin (tenant_id, array_to_tsvector(string_to_array(search_keys, ' '))) WITH (fastupdate = off);
CREATE INDEX customer_addresses_by_search_key ON customer_addresses
    USING gin (tenant_id, array_to_tsvector(string_to_array(search_keys, ' '))) WITH (fastupdate = off);

CREATE VIEW customer_search_keys AS
    SELECT tenant_id, id AS customer_id, search_keys,
        array_to_tsvector(string_to_array(search_keys, ' ')) AS keys
    FROM customers
    UNION ALL SELECT tenant_id, customer_id, search_keys, array_to_tsvector(string_to_array(search_keys, ' '))
    FROM customer_contacts
    UNION ALL SELECT tenant_id, customer_id, search_keys, array_to_tsvector(string_to_array(search_keys, ' '))
    FROM customer_addresses;
