-- Substring search for one tenant must not read the texts of the others. FTS5 has a list of rows for each trigram,
-- with those of all tenants. Therefore a tenant's rows have consecutive numbers, and each text begins with the
-- tenant's token, which searches require beside the text (`Condition::matching_ids`): FTS5 skips to the first row with
-- the token, and ends after the last one. A token consists of three control characters, which neither texts nor
-- searches contain, and thus is one trigram.
CREATE TABLE tenant_search_tokens (
    number    INTEGER PRIMARY KEY,
    tenant_id TEXT NOT NULL UNIQUE,
    -- Of more than 32,768 tenants, some have the same token. Their searches read more, but find the same: the
    -- results are joined with `*_search_docs`, which have the tenant.
    token     TEXT AS (
        char(128 + number / 1024 % 32, 128 + number / 32 % 32, 128 + number % 32)
    ) VIRTUAL,
    first_doc INTEGER AS (number << 32) VIRTUAL
);
INSERT INTO tenant_search_tokens (tenant_id) SELECT tenant_id FROM tenants ORDER BY tenant_id;
CREATE TRIGGER tenants_search_tokens_insert AFTER INSERT ON tenants BEGIN
    INSERT INTO tenant_search_tokens (tenant_id) VALUES (new.tenant_id);
END;
CREATE TRIGGER tenants_search_tokens_delete AFTER DELETE ON tenants BEGIN
    DELETE FROM tenant_search_tokens WHERE tenant_id = old.tenant_id;
END;

DROP TRIGGER customer_groups_search_insert;
DROP TRIGGER customer_groups_search_update;
DROP TABLE customer_groups_search;
CREATE VIRTUAL TABLE customer_groups_search USING fts5 (
    customer_group_name_key,
    content = '', contentless_delete = 1, tokenize = 'trigram case_sensitive 1'
);
UPDATE customer_groups_search_docs SET doc = doc + (
    SELECT first_doc FROM tenant_search_tokens AS tokens WHERE tokens.tenant_id = customer_groups_search_docs.tenant_id
);
INSERT INTO customer_groups_search (rowid, customer_group_name_key)
SELECT docs.doc, token || customer_groups.customer_group_name_key
FROM tenant_search_tokens AS tokens
CROSS JOIN customer_groups_search_docs AS docs ON docs.tenant_id = tokens.tenant_id
CROSS JOIN customer_groups ON customer_groups.tenant_id = docs.tenant_id AND customer_groups.id = docs.id
ORDER BY tokens.number, docs.doc;
INSERT INTO customer_groups_search (customer_groups_search) VALUES ('optimize');
CREATE TRIGGER customer_groups_search_insert AFTER INSERT ON customer_groups BEGIN
    INSERT INTO customer_groups_search (rowid, customer_group_name_key)
    SELECT 1 + coalesce(
            (SELECT max(doc) FROM customer_groups_search_docs WHERE tenant_id = new.tenant_id), first_doc
        ),
        token || new.customer_group_name_key
    FROM tenant_search_tokens WHERE tenant_id = new.tenant_id;
    INSERT INTO customer_groups_search_docs VALUES (new.tenant_id, new.id, last_insert_rowid());
END;
CREATE TRIGGER customer_groups_search_update AFTER UPDATE OF customer_group_name_key ON customer_groups
WHEN new.customer_group_name_key <> old.customer_group_name_key BEGIN
    UPDATE customer_groups_search
    SET customer_group_name_key = token || new.customer_group_name_key
    FROM tenant_search_tokens AS tokens
    WHERE tokens.tenant_id = new.tenant_id
      AND customer_groups_search.rowid = (SELECT doc FROM customer_groups_search_docs
        WHERE tenant_id = new.tenant_id AND id = new.id);
END;

DROP TRIGGER customers_search_insert;
DROP TRIGGER customers_search_update;
DROP TABLE customers_search;
CREATE VIRTUAL TABLE customers_search USING fts5 (
    customer_name_key, email_id_key, mobile_no_key, tax_id_key,
    content = '', contentless_delete = 1, tokenize = 'trigram case_sensitive 1'
);
UPDATE customers_search_docs SET doc = doc + (
    SELECT first_doc FROM tenant_search_tokens AS tokens WHERE tokens.tenant_id = customers_search_docs.tenant_id
);
INSERT INTO customers_search (rowid, customer_name_key, email_id_key, mobile_no_key, tax_id_key)
SELECT docs.doc, token || customers.customer_name_key, token || customers.email_id_key,
    token || customers.mobile_no_key, token || customers.tax_id_key
FROM tenant_search_tokens AS tokens
CROSS JOIN customers_search_docs AS docs ON docs.tenant_id = tokens.tenant_id
CROSS JOIN customers ON customers.tenant_id = docs.tenant_id AND customers.id = docs.id
ORDER BY tokens.number, docs.doc;
INSERT INTO customers_search (customers_search) VALUES ('optimize');
CREATE TRIGGER customers_search_insert AFTER INSERT ON customers BEGIN
    INSERT INTO customers_search (rowid, customer_name_key, email_id_key, mobile_no_key, tax_id_key)
    SELECT 1 + coalesce(
            (SELECT max(doc) FROM customers_search_docs WHERE tenant_id = new.tenant_id), first_doc
        ),
        token || new.customer_name_key, token || new.email_id_key,
        token || new.mobile_no_key, token || new.tax_id_key
    FROM tenant_search_tokens WHERE tenant_id = new.tenant_id;
    INSERT INTO customers_search_docs VALUES (new.tenant_id, new.id, last_insert_rowid());
END;
CREATE TRIGGER customers_search_update
AFTER UPDATE OF customer_name_key, email_id_key, mobile_no_key, tax_id_key ON customers
WHEN (new.customer_name_key, new.email_id_key, new.mobile_no_key, new.tax_id_key)
  <> (old.customer_name_key, old.email_id_key, old.mobile_no_key, old.tax_id_key) BEGIN
    UPDATE customers_search
    SET customer_name_key = token || new.customer_name_key, email_id_key = token || new.email_id_key,
        mobile_no_key = token || new.mobile_no_key, tax_id_key = token || new.tax_id_key
    FROM tenant_search_tokens AS tokens
    WHERE tokens.tenant_id = new.tenant_id
      AND customers_search.rowid = (SELECT doc FROM customers_search_docs
        WHERE tenant_id = new.tenant_id AND id = new.id);
END;

DROP TRIGGER loyalty_programs_search_insert;
DROP TRIGGER loyalty_programs_search_update;
DROP TABLE loyalty_programs_search;
CREATE VIRTUAL TABLE loyalty_programs_search USING fts5 (
    loyalty_program_name_key,
    content = '', contentless_delete = 1, tokenize = 'trigram case_sensitive 1'
);
UPDATE loyalty_programs_search_docs SET doc = doc + (
    SELECT first_doc FROM tenant_search_tokens AS tokens WHERE tokens.tenant_id = loyalty_programs_search_docs.tenant_id
);
INSERT INTO loyalty_programs_search (rowid, loyalty_program_name_key)
SELECT docs.doc, token || loyalty_programs.loyalty_program_name_key
FROM tenant_search_tokens AS tokens
CROSS JOIN loyalty_programs_search_docs AS docs ON docs.tenant_id = tokens.tenant_id
CROSS JOIN loyalty_programs ON loyalty_programs.tenant_id = docs.tenant_id AND loyalty_programs.id = docs.id
ORDER BY tokens.number, docs.doc;
INSERT INTO loyalty_programs_search (loyalty_programs_search) VALUES ('optimize');
CREATE TRIGGER loyalty_programs_search_insert AFTER INSERT ON loyalty_programs BEGIN
    INSERT INTO loyalty_programs_search (rowid, loyalty_program_name_key)
    SELECT 1 + coalesce(
            (SELECT max(doc) FROM loyalty_programs_search_docs WHERE tenant_id = new.tenant_id), first_doc
        ),
        token || new.loyalty_program_name_key
    FROM tenant_search_tokens WHERE tenant_id = new.tenant_id;
    INSERT INTO loyalty_programs_search_docs VALUES (new.tenant_id, new.id, last_insert_rowid());
END;
CREATE TRIGGER loyalty_programs_search_update AFTER UPDATE OF loyalty_program_name_key ON loyalty_programs
WHEN new.loyalty_program_name_key <> old.loyalty_program_name_key BEGIN
    UPDATE loyalty_programs_search
    SET loyalty_program_name_key = token || new.loyalty_program_name_key
    FROM tenant_search_tokens AS tokens
    WHERE tokens.tenant_id = new.tenant_id
      AND loyalty_programs_search.rowid = (SELECT doc FROM loyalty_programs_search_docs
        WHERE tenant_id = new.tenant_id AND id = new.id);
END;
