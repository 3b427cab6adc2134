-- The country of phone numbers without an international prefix: an ISO 3166-1 code of two letters.
ALTER TABLE tenants ADD country TEXT;
-- The version of the rules by which the search keys of the tenant's customers were made; 0 for none.
ALTER TABLE tenants ADD search_version INTEGER NOT NULL DEFAULT 0;

-- What customers are found by. A key begins with a letter for its kind. The source is the row with the text: the
-- customer itself, or one of its contacts or addresses. The server writes both together.
CREATE TABLE customer_search_keys (
    tenant_id   TEXT NOT NULL,
    key         TEXT NOT NULL,
    customer_id BLOB NOT NULL,
    source_id   BLOB NOT NULL,
    PRIMARY KEY (tenant_id, key, customer_id, source_id)
) WITHOUT ROWID;

CREATE INDEX customer_search_keys_by_customer
    ON customer_search_keys (tenant_id, customer_id, key, source_id);

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
