-- The search keys of the customer's contacts and addresses, so that one index has all keys of a customer.
ALTER TABLE customers ADD child_search_keys text COLLATE "C" NOT NULL DEFAULT '';

UPDATE customers SET child_search_keys = children.search_keys
FROM (
    SELECT tenant_id, customer_id, string_agg(search_keys, ' ' ORDER BY id) AS search_keys
    FROM (
        SELECT tenant_id, customer_id, id, search_keys,
            sum(length(search_keys)) OVER (PARTITION BY tenant_id, customer_id ORDER BY id) AS total
        FROM (
            SELECT tenant_id, customer_id, id, search_keys FROM customer_contacts WHERE search_keys <> ''
            UNION ALL SELECT tenant_id, customer_id, id, search_keys FROM customer_addresses WHERE search_keys <> ''
        ) AS each
    ) AS summed
    WHERE total <= 150000
    GROUP BY tenant_id, customer_id
) AS children
WHERE customers.tenant_id = children.tenant_id AND customers.id = children.customer_id;

DROP VIEW customer_search_keys;
DROP INDEX customers_by_search_key;
DROP INDEX customer_contacts_by_search_key;
DROP INDEX customer_addresses_by_search_key;

-- Each key follows the tenant's name, because the index has the rows of a key, and the keys with a beginning, for all
-- tenants together. Without a list of pending entries, which every search would read.
CREATE INDEX customers_by_search_key ON customers USING gin (
    tenant_id,
    array_to_tsvector(array_remove(string_to_array(
        replace(' ' || search_keys || ' ' || child_search_keys, ' ', ' ' || tenant_id || ':'), ' '), ''))
) WITH (fastupdate = off);

-- A customer is found by `keys`, and another key is looked up in the text, which is much faster than to make lexemes
-- of it again.
CREATE VIEW customer_search_keys AS
    SELECT tenant_id, id AS customer_id, search_keys || ' ' || child_search_keys AS search_keys,
        array_to_tsvector(array_remove(string_to_array(
            replace(' ' || search_keys || ' ' || child_search_keys, ' ', ' ' || tenant_id || ':'), ' '), '')) AS keys
    FROM customers;
