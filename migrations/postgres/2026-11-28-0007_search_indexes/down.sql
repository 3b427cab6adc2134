DROP INDEX customers_by_search_key;
CREATE INDEX customers_by_search_key ON customers USING gin (
    tenant_id,
    array_to_tsvector(array_remove(string_to_array(
        replace(' ' || search_keys || ' ' || child_search_keys, ' ', ' ' || tenant_id || ':'), ' '), ''))
) WITH (fastupdate = off);

DROP VIEW customer_search_remainders;
DROP TABLE customer_search_words;
CREATE TABLE customer_search_words (
    tenant_id text COLLATE "C" NOT NULL,
    gram      text COLLATE "C" NOT NULL,
    word      text COLLATE "C" NOT NULL
);

CREATE INDEX customer_search_words_by_gram ON customer_search_words (tenant_id, gram, word);
