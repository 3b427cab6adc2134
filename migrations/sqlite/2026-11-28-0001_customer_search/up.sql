-- The country of phone numbers without an international prefix: an ISO 3166-1 code of two letters.
ALTER TABLE tenants ADD country TEXT;
-- The version of the rules by which the search keys of the tenant's customers were made; 0 for none.
ALTER TABLE tenants ADD search_version INTEGER NOT NULL DEFAULT 0;

-- The keys by which a customer is found, with spaces between them. A key begins with a letter for its kind, and contains no `"` and no `\`.
ALTER TABLE customers ADD search_keys TEXT NOT NULL DEFAULT '';
ALTER TABLE customer_contacts ADD search_keys TEXT NOT NULL DEFAULT '';
ALTER TABLE customer_addresses ADD search_keys TEXT NOT NULL DEFAULT '';

-- The index of these keys. The source is the row that has them: the customer itself, a contact or an address.
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

-- The words in names, by each three letters that follow each other in them, with `^` and `$` as the ends. Search
-- terms with typing errors share some of these with the words.
CREATE TABLE customer_search_words (
    tenant_id TEXT NOT NULL,
    gram      TEXT NOT NULL,
    word      TEXT NOT NULL
);

CREATE INDEX customer_search_words_by_gram ON customer_search_words (tenant_id, gram, word);

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('customer_search_keys', 'customer_search_keys', '6000000 600000 3 2 1'),
    ('customer_search_keys', 'customer_search_keys_by_customer', '6000000 600000 6 1 1'),
    ('customer_search_words', 'customer_search_words_by_gram', '800000 80000 100 1');
