-- The search keys of the customer's contacts and addresses, so that one row has all keys of a customer.
ALTER TABLE customers ADD child_search_keys TEXT NOT NULL DEFAULT '';

DROP TRIGGER customer_addresses_search_keys_delete;
DROP TRIGGER customer_addresses_search_keys_update;
DROP TRIGGER customer_addresses_search_keys_insert;
DROP TRIGGER customer_contacts_search_keys_delete;
DROP TRIGGER customer_contacts_search_keys_update;
DROP TRIGGER customer_contacts_search_keys_insert;
DROP TRIGGER customers_search_keys_delete;
DROP TRIGGER customers_search_keys_update;
DROP TRIGGER customers_search_keys_insert;
DROP TABLE customer_search_keys;

UPDATE customers SET child_search_keys = children.search_keys
FROM (
    SELECT tenant_id, customer_id, group_concat(search_keys, ' ' ORDER BY id) AS search_keys
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

-- The index of the keys of customers, those of their contacts and addresses included.
CREATE TABLE customer_search_keys (
    tenant_id   TEXT NOT NULL,
    key         TEXT NOT NULL,
    customer_id BLOB NOT NULL,
    PRIMARY KEY (tenant_id, key, customer_id)
) WITHOUT ROWID;

CREATE INDEX customer_search_keys_by_customer ON customer_search_keys (tenant_id, customer_id, key);

INSERT INTO customer_search_keys (tenant_id, key, customer_id)
SELECT DISTINCT customers.tenant_id, json_each.value, customers.id
FROM customers, json_each('["' || replace(search_keys || ' ' || child_search_keys, ' ', '","') || '"]')
WHERE json_each.value <> '';

CREATE TRIGGER customers_search_keys_insert AFTER INSERT ON customers BEGIN
    INSERT OR IGNORE INTO customer_search_keys (tenant_id, key, customer_id)
    SELECT new.tenant_id, value, new.id
    FROM json_each('["' || replace(new.search_keys || ' ' || new.child_search_keys, ' ', '","') || '"]')
    WHERE value <> '';
END;
CREATE TRIGGER customers_search_keys_update AFTER UPDATE OF search_keys, child_search_keys ON customers
WHEN new.search_keys <> old.search_keys OR new.child_search_keys <> old.child_search_keys BEGIN
    DELETE FROM customer_search_keys WHERE tenant_id = old.tenant_id AND customer_id = old.id;
    INSERT OR IGNORE INTO customer_search_keys (tenant_id, key, customer_id)
    SELECT new.tenant_id, value, new.id
    FROM json_each('["' || replace(new.search_keys || ' ' || new.child_search_keys, ' ', '","') || '"]')
    WHERE value <> '';
END;
CREATE TRIGGER customers_search_keys_delete AFTER DELETE ON customers BEGIN
    DELETE FROM customer_search_keys WHERE tenant_id = old.tenant_id AND customer_id = old.id;
END;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('customer_search_keys', 'customer_search_keys', '6000000 600000 3 1'),
    ('customer_search_keys', 'customer_search_keys_by_customer', '6000000 600000 6 1');
