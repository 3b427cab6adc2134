-- A search reads the id of each document that it finds: now in the index.
DROP INDEX customers_search_docs_by_doc;
CREATE INDEX customers_search_docs_by_doc ON customers_search_docs (tenant_id, doc, id);
DROP INDEX customer_groups_search_docs_by_doc;
CREATE INDEX customer_groups_search_docs_by_doc ON customer_groups_search_docs (tenant_id, doc, id);
DROP INDEX loyalty_programs_search_docs_by_doc;
CREATE INDEX loyalty_programs_search_docs_by_doc ON loyalty_programs_search_docs (tenant_id, doc, id);
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('customers_search_docs', 'customers_search_docs_by_doc', '1000000 100000 1 1'),
    ('customer_groups_search_docs', 'customer_groups_search_docs_by_doc', '5000 500 1 1'),
    ('loyalty_programs_search_docs', 'loyalty_programs_search_docs_by_doc', '500 50 1 1');
