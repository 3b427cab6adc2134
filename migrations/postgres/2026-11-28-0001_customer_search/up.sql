-- The country of phone numbers without an international prefix: an ISO 3166-1 code of two letters.
ALTER TABLE tenants ADD country text COLLATE "C";
-- The version of the rules by which the search keys of the tenant's customers were made; 0 for none.
ALTER TABLE tenants ADD search_version integer NOT NULL DEFAULT 0;

-- What customers are found by. A key begins with a letter for its kind. The source is the row with the text: the
-- customer itself, or one of its contacts or addresses. The server writes both together. (Not by foreign keys: each
-- would be checked for every key.)
CREATE TABLE customer_search_keys (
    tenant_id   text COLLATE "C" NOT NULL,
    key         text COLLATE "C" NOT NULL,
    customer_id uuid             NOT NULL,
    source_id   uuid             NOT NULL,
    PRIMARY KEY (tenant_id, key, customer_id, source_id)
);

CREATE INDEX customer_search_keys_by_customer
    ON customer_search_keys (tenant_id, customer_id, key, source_id);

-- The words in names, by each three letters that follow each other in them, with `^` and `$` as the ends. Search
-- terms with typing errors share some of these with the words. A word that two transactions add at once is there twice:
-- a unique index would make one wait for the other.
CREATE TABLE customer_search_words (
    tenant_id text COLLATE "C" NOT NULL,
    gram      text COLLATE "C" NOT NULL,
    word      text COLLATE "C" NOT NULL
);

CREATE INDEX customer_search_words_by_gram ON customer_search_words (tenant_id, gram, word);
