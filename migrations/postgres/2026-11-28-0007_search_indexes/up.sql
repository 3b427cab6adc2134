-- The words in names. A word is found by all that remains of its first seven letters if up to two of them are left out (one
-- of a word with less than six letters): a word with typing errors has a remainder in common with the word that is meant.
-- How many words have it hardly grows with their number, as that of the words with the same three letters does.
-- A word that two transactions add at once is there twice: a unique index would make one wait for the other.
DROP TABLE customer_search_words;
CREATE TABLE customer_search_words (
    tenant_id text COLLATE "C" NOT NULL,
    word      text COLLATE "C" NOT NULL
);

CREATE INDEX customer_search_words_by_word ON customer_search_words (tenant_id, word);

-- The index has the remainders, each after the name of the tenant, as those of customers below. The view has the same
-- expression, so that a query of it uses the index.
CREATE INDEX customer_search_words_by_remainder ON customer_search_words USING gin ((CASE WHEN length(word) < 6 THEN ARRAY[
    tenant_id || ':' || substr(word, 1, 7),
    tenant_id || ':' || substr(word, 2, 6),
    tenant_id || ':' || substr(word, 1, 1) || substr(word, 3, 5),
    tenant_id || ':' || substr(word, 1, 2) || substr(word, 4, 4),
    tenant_id || ':' || substr(word, 1, 3) || substr(word, 5, 3),
    tenant_id || ':' || substr(word, 1, 4) || substr(word, 6, 2)
] ELSE ARRAY[
    tenant_id || ':' || substr(word, 1, 7),
    tenant_id || ':' || substr(word, 2, 6),
    tenant_id || ':' || substr(word, 1, 1) || substr(word, 3, 5),
    tenant_id || ':' || substr(word, 1, 2) || substr(word, 4, 4),
    tenant_id || ':' || substr(word, 1, 3) || substr(word, 5, 3),
    tenant_id || ':' || substr(word, 1, 4) || substr(word, 6, 2),
    tenant_id || ':' || substr(word, 1, 5) || substr(word, 7, 1),
    tenant_id || ':' || substr(word, 1, 6),
    tenant_id || ':' || substr(word, 3, 5),
    tenant_id || ':' || substr(word, 2, 1) || substr(word, 4, 4),
    tenant_id || ':' || substr(word, 2, 2) || substr(word, 5, 3),
    tenant_id || ':' || substr(word, 2, 3) || substr(word, 6, 2),
    tenant_id || ':' || substr(word, 2, 4) || substr(word, 7, 1),
    tenant_id || ':' || substr(word, 2, 5),
    tenant_id || ':' || substr(word, 1, 1) || substr(word, 4, 4),
    tenant_id || ':' || substr(word, 1, 1) || substr(word, 3, 1) || substr(word, 5, 3),
    tenant_id || ':' || substr(word, 1, 1) || substr(word, 3, 2) || substr(word, 6, 2),
    tenant_id || ':' || substr(word, 1, 1) || substr(word, 3, 3) || substr(word, 7, 1),
    tenant_id || ':' || substr(word, 1, 1) || substr(word, 3, 4),
    tenant_id || ':' || substr(word, 1, 2) || substr(word, 5, 3),
    tenant_id || ':' || substr(word, 1, 2) || substr(word, 4, 1) || substr(word, 6, 2),
    tenant_id || ':' || substr(word, 1, 2) || substr(word, 4, 2) || substr(word, 7, 1),
    tenant_id || ':' || substr(word, 1, 2) || substr(word, 4, 3),
    tenant_id || ':' || substr(word, 1, 3) || substr(word, 6, 2),
    tenant_id || ':' || substr(word, 1, 3) || substr(word, 5, 1) || substr(word, 7, 1),
    tenant_id || ':' || substr(word, 1, 3) || substr(word, 5, 2),
    tenant_id || ':' || substr(word, 1, 4) || substr(word, 7, 1),
    tenant_id || ':' || substr(word, 1, 4) || substr(word, 6, 1),
    tenant_id || ':' || substr(word, 1, 5)
] END))
WITH (fastupdate = off);

CREATE VIEW customer_search_remainders AS SELECT tenant_id, word, CASE WHEN length(word) < 6 THEN ARRAY[
    tenant_id || ':' || substr(word, 1, 7),
    tenant_id || ':' || substr(word, 2, 6),
    tenant_id || ':' || substr(word, 1, 1) || substr(word, 3, 5),
    tenant_id || ':' || substr(word, 1, 2) || substr(word, 4, 4),
    tenant_id || ':' || substr(word, 1, 3) || substr(word, 5, 3),
    tenant_id || ':' || substr(word, 1, 4) || substr(word, 6, 2)
] ELSE ARRAY[
    tenant_id || ':' || substr(word, 1, 7),
    tenant_id || ':' || substr(word, 2, 6),
    tenant_id || ':' || substr(word, 1, 1) || substr(word, 3, 5),
    tenant_id || ':' || substr(word, 1, 2) || substr(word, 4, 4),
    tenant_id || ':' || substr(word, 1, 3) || substr(word, 5, 3),
    tenant_id || ':' || substr(word, 1, 4) || substr(word, 6, 2),
    tenant_id || ':' || substr(word, 1, 5) || substr(word, 7, 1),
    tenant_id || ':' || substr(word, 1, 6),
    tenant_id || ':' || substr(word, 3, 5),
    tenant_id || ':' || substr(word, 2, 1) || substr(word, 4, 4),
    tenant_id || ':' || substr(word, 2, 2) || substr(word, 5, 3),
    tenant_id || ':' || substr(word, 2, 3) || substr(word, 6, 2),
    tenant_id || ':' || substr(word, 2, 4) || substr(word, 7, 1),
    tenant_id || ':' || substr(word, 2, 5),
    tenant_id || ':' || substr(word, 1, 1) || substr(word, 4, 4),
    tenant_id || ':' || substr(word, 1, 1) || substr(word, 3, 1) || substr(word, 5, 3),
    tenant_id || ':' || substr(word, 1, 1) || substr(word, 3, 2) || substr(word, 6, 2),
    tenant_id || ':' || substr(word, 1, 1) || substr(word, 3, 3) || substr(word, 7, 1),
    tenant_id || ':' || substr(word, 1, 1) || substr(word, 3, 4),
    tenant_id || ':' || substr(word, 1, 2) || substr(word, 5, 3),
    tenant_id || ':' || substr(word, 1, 2) || substr(word, 4, 1) || substr(word, 6, 2),
    tenant_id || ':' || substr(word, 1, 2) || substr(word, 4, 2) || substr(word, 7, 1),
    tenant_id || ':' || substr(word, 1, 2) || substr(word, 4, 3),
    tenant_id || ':' || substr(word, 1, 3) || substr(word, 6, 2),
    tenant_id || ':' || substr(word, 1, 3) || substr(word, 5, 1) || substr(word, 7, 1),
    tenant_id || ':' || substr(word, 1, 3) || substr(word, 5, 2),
    tenant_id || ':' || substr(word, 1, 4) || substr(word, 7, 1),
    tenant_id || ':' || substr(word, 1, 4) || substr(word, 6, 1),
    tenant_id || ':' || substr(word, 1, 5)
] END AS remainders
FROM customer_search_words;

-- Keys begin with the name of the tenant, so that the index needs no column of its own for it: all customers of a tenant
-- would be the rows of one key, with which each search had to be compared.
DROP INDEX customers_by_search_key;
CREATE INDEX customers_by_search_key ON customers USING gin (
    array_to_tsvector(array_remove(string_to_array(
        replace(' ' || search_keys || ' ' || child_search_keys, ' ', ' ' || tenant_id || ':'), ' '), ''))
) WITH (fastupdate = off);
