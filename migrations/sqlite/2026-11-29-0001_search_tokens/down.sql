DROP TRIGGER tenants_search_tokens_delete;
DROP TRIGGER tenants_search_tokens_insert;
DROP TABLE tenant_search_tokens;

DROP TRIGGER customer_groups_search_insert;
DROP TRIGGER customer_groups_search_update;
DROP TABLE customer_groups_search;
CREATE VIRTUAL TABLE customer_groups_search USING fts5 (
    customer_group_name_key,
    content = '', contentless_delete = 1, tokenize = 'trigram case_sensitive 1'
);
INSERT INTO customer_groups_search (rowid, customer_group_name_key)
SELECT docs.doc, customer_groups.customer_group_name_key
FROM customer_groups_search_docs AS docs
CROSS JOIN customer_groups ON customer_groups.tenant_id = docs.tenant_id AND customer_groups.id = docs.id
ORDER BY docs.doc;
CREATE TRIGGER customer_groups_search_insert AFTER INSERT ON customer_groups BEGIN
    INSERT INTO customer_groups_search (customer_group_name_key)
    VALUES (new.customer_group_name_key);
    INSERT INTO customer_groups_search_docs VALUES (new.tenant_id, new.id, last_insert_rowid());
END;
CREATE TRIGGER customer_groups_search_update AFTER UPDATE OF customer_group_name_key ON customer_groups
WHEN new.customer_group_name_key <> old.customer_group_name_key BEGIN
    UPDATE customer_groups_search
    SET customer_group_name_key = new.customer_group_name_key
    WHERE customer_groups_search.rowid = (SELECT doc FROM customer_groups_search_docs
        WHERE tenant_id = new.tenant_id AND id = new.id);
END;

DROP TRIGGER customers_search_insert;
DROP TRIGGER customers_search_update;
DROP TABLE customers_search;
CREATE VIRTUAL TABLE customers_search USING fts5 (
    customer_name_key, email_id_key, mobile_no_key, tax_id_key,
    content = '', contentless_delete = 1, tokenize = 'trigram case_sensitive 1'
);
INSERT INTO customers_search (rowid, customer_name_key, email_id_key, mobile_no_key, tax_id_key)
SELECT docs.doc, customers.customer_name_key, customers.email_id_key,
    customers.mobile_no_key, customers.tax_id_key
FROM customers_search_docs AS docs
CROSS JOIN customers ON customers.tenant_id = docs.tenant_id AND customers.id = docs.id
ORDER BY docs.doc;
CREATE TRIGGER customers_search_insert AFTER INSERT ON customers BEGIN
    INSERT INTO customers_search (customer_name_key, email_id_key, mobile_no_key, tax_id_key)
    VALUES (new.customer_name_key, new.email_id_key, new.mobile_no_key, new.tax_id_key);
    INSERT INTO customers_search_docs VALUES (new.tenant_id, new.id, last_insert_rowid());
END;
CREATE TRIGGER customers_search_update
AFTER UPDATE OF customer_name_key, email_id_key, mobile_no_key, tax_id_key ON customers
WHEN (new.customer_name_key, new.email_id_key, new.mobile_no_key, new.tax_id_key)
  <> (old.customer_name_key, old.email_id_key, old.mobile_no_key, old.tax_id_key) BEGIN
    UPDATE customers_search
    SET customer_name_key = new.customer_name_key, email_id_key = new.email_id_key,
        mobile_no_key = new.mobile_no_key, tax_id_key = new.tax_id_key
    WHERE customers_search.rowid = (SELECT doc FROM customers_search_docs
        WHERE tenant_id = new.tenant_id AND id = new.id);
END;

DROP TRIGGER loyalty_programs_search_insert;
DROP TRIGGER loyalty_programs_search_update;
DROP TABLE loyalty_programs_search;
CREATE VIRTUAL TABLE loyalty_programs_search USING fts5 (
    loyalty_program_name_key,
    content = '', contentless_delete = 1, tokenize = 'trigram case_sensitive 1'
);
INSERT INTO loyalty_programs_search (rowid, loyalty_program_name_key)
SELECT docs.doc, loyalty_programs.loyalty_program_name_key
FROM loyalty_programs_search_docs AS docs
CROSS JOIN loyalty_programs ON loyalty_programs.tenant_id = docs.tenant_id AND loyalty_programs.id = docs.id
ORDER BY docs.doc;
CREATE TRIGGER loyalty_programs_search_insert AFTER INSERT ON loyalty_programs BEGIN
    INSERT INTO loyalty_programs_search (loyalty_program_name_key)
    VALUES (new.loyalty_program_name_key);
    INSERT INTO loyalty_programs_search_docs VALUES (new.tenant_id, new.id, last_insert_rowid());
END;
CREATE TRIGGER loyalty_programs_search_update AFTER UPDATE OF loyalty_program_name_key ON loyalty_programs
WHEN new.loyalty_program_name_key <> old.loyalty_program_name_key BEGIN
    UPDATE loyalty_programs_search
    SET loyalty_program_name_key = new.loyalty_program_name_key
    WHERE loyalty_programs_search.rowid = (SELECT doc FROM loyalty_programs_search_docs
        WHERE tenant_id = new.tenant_id AND id = new.id);
END;
