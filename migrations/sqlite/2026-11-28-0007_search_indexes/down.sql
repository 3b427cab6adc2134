DROP TRIGGER tenants_search_remainders_delete;
DROP TABLE customer_search_remainders;
DROP TABLE customer_search_words;
CREATE TABLE customer_search_words (
    tenant_id TEXT NOT NULL,
    gram      TEXT NOT NULL,
    word      TEXT NOT NULL
);

CREATE INDEX customer_search_words_by_gram ON customer_search_words (tenant_id, gram, word);

DELETE FROM sqlite_stat1 WHERE tbl IN ('customer_search_words', 'customer_search_remainders');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('customer_search_words', 'customer_search_words_by_gram', '800000 80000 100 1');
