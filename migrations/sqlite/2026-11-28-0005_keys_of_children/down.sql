DROP TRIGGER customers_search_keys_delete;
DROP TRIGGER customers_search_keys_update;
DROP TRIGGER customers_search_keys_insert;
DROP TABLE customer_search_keys;
ALTER TABLE customers DROP COLUMN child_search_keys;

CREATE TABLE customer_search_keys (
    tenant_id   TEXT NOT NULL,
    key         TEXT NOT NULL,
    customer_id BLOB NOT NULL,
    source_id   BLOB NOT NULL,
    PRIMARY KEY (tenant_id, key, customer_id, source_id)
) WITHOUT ROWID;

CREATE INDEX customer_search_keys_by_customer
    ON customer_search_keys (tenant_id, customer_id, key, source_id);

CREATE TRIGGER customers_search_keys_insert AFTER INSERT ON customers WHEN new.search_keys <> '' BEGIN
    INSERT INTO customer_search_keys (tenant_id, key, customer_id, source_id)
    SELECT new.tenant_id, value, new.id, new.id
    FROM json_each('["' || replace(new.search_keys, ' ', '","') || '"]');
END;
CREATE TRIGGER customers_search_keys_update AFTER UPDATE OF search_keys ON customers
WHEN new.search_keys <> old.search_keys BEGIN
    DELETE FROM customer_search_keys
    WHERE tenant_id = old.tenant_id AND customer_id = old.id AND source_id = old.id;
    INSERT INTO customer_search_keys (tenant_id, key, customer_id, source_id)
    SELECT new.tenant_id, value, new.id, new.id
    FROM json_each('["' || replace(new.search_keys, ' ', '","') || '"]')
    WHERE new.search_keys <> '';
END;
CREATE TRIGGER customers_search_keys_delete AFTER DELETE ON customers WHEN old.search_keys <> '' BEGIN
    DELETE FROM customer_search_keys
    WHERE tenant_id = old.tenant_id AND customer_id = old.id AND source_id = old.id;
END;

CREATE TRIGGER customer_contacts_search_keys_insert AFTER INSERT ON customer_contacts WHEN new.search_keys <> '' BEGIN
    INSERT INTO customer_search_keys (tenant_id, key, customer_id, source_id)
    SELECT new.tenant_id, value, new.customer_id, new.id
    FROM json_each('["' || replace(new.search_keys, ' ', '","') || '"]');
END;
CREATE TRIGGER customer_contacts_search_keys_update AFTER UPDATE OF search_keys ON customer_contacts
WHEN new.search_keys <> old.search_keys BEGIN
    DELETE FROM customer_search_keys
    WHERE tenant_id = old.tenant_id AND customer_id = old.customer_id AND source_id = old.id;
    INSERT INTO customer_search_keys (tenant_id, key, customer_id, source_id)
    SELECT new.tenant_id, value, new.customer_id, new.id
    FROM json_each('["' || replace(new.search_keys, ' ', '","') || '"]')
    WHERE new.search_keys <> '';
END;
CREATE TRIGGER customer_contacts_search_keys_delete AFTER DELETE ON customer_contacts WHEN old.search_keys <> '' BEGIN
    DELETE FROM customer_search_keys
    WHERE tenant_id = old.tenant_id AND customer_id = old.customer_id AND source_id = old.id;
END;

CREATE TRIGGER customer_addresses_search_keys_insert AFTER INSERT ON customer_addresses WHEN new.search_keys <> '' BEGIN
    INSERT INTO customer_search_keys (tenant_id, key, customer_id, source_id)
    SELECT new.tenant_id, value, new.customer_id, new.id
    FROM json_each('["' || replace(new.search_keys, ' ', '","') || '"]');
END;
CREATE TRIGGER customer_addresses_search_keys_update AFTER UPDATE OF search_keys ON customer_addresses
WHEN new.search_keys <> old.search_keys BEGIN
    DELETE FROM customer_search_keys
    WHERE tenant_id = old.tenant_id AND customer_id = old.customer_id AND source_id = old.id;
    INSERT INTO customer_search_keys (tenant_id, key, customer_id, source_id)
    SELECT new.tenant_id, value, new.customer_id, new.id
    FROM json_each('["' || replace(new.search_keys, ' ', '","') || '"]')
    WHERE new.search_keys <> '';
END;
CREATE TRIGGER customer_addresses_search_keys_delete AFTER DELETE ON customer_addresses WHEN old.search_keys <> '' BEGIN
    DELETE FROM customer_search_keys
    WHERE tenant_id = old.tenant_id AND customer_id = old.customer_id AND source_id = old.id;
END;

INSERT INTO customer_search_keys (tenant_id, key, customer_id, source_id)
SELECT tenant_id, value, customer_id, source_id
FROM (
    SELECT tenant_id, search_keys, id AS customer_id, id AS source_id FROM customers
    UNION ALL SELECT tenant_id, search_keys, customer_id, id FROM customer_contacts
    UNION ALL SELECT tenant_id, search_keys, customer_id, id FROM customer_addresses
) AS sources, json_each('["' || replace(search_keys, ' ', '","') || '"]')
WHERE search_keys <> '';

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('customer_search_keys', 'customer_search_keys', '6000000 600000 3 2 1'),
    ('customer_search_keys', 'customer_search_keys_by_customer', '6000000 600000 6 1 1');
