-- The country of phone numbers without an international prefix: an ISO 3166-1 code of two letters.
ALTER TABLE tenants ADD country text COLLATE "C";
-- The version of the rules by which the search keys of the tenant's customers were made; 0 for none.
ALTER TABLE tenants ADD search_version integer NOT NULL DEFAULT 0;

-- The keys by which a customer is found, with spaces between them. A key begins with a letter for its kind.
ALTER TABLE customers ADD search_keys text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE customer_contacts ADD search_keys text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE customer_addresses ADD search_keys text COLLATE "C" NOT NULL DEFAULT '';

-- Without a list of pending entries, which every search would read.
CREATE INDEX customers_by_search_key ON customers
    USING gin (tenant_id, array_to_tsvector(string_to_array(search_keys, ' '))) WITH (fastupdate = off);
CREATE INDEX customer_contacts_by_search_key ON customer_contacts
    USING gin (tenant_id, array_to_tsvector(string_to_array(search_keys, ' '))) WITH (fastupdate = off);
CREATE INDEX customer_addresses_by_search_key ON customer_addresses
    USING gin (tenant_id, array_to_tsvector(string_to_array(search_keys, ' '))) WITH (fastupdate = off);

-- All rows with keys. A row is found by `keys`, and another key is looked up in the text, which is much faster than to
-- make lexemes of it again.
CREATE VIEW customer_search_keys AS
    SELECT tenant_id, id AS customer_id, search_keys,
        array_to_tsvector(string_to_array(search_keys, ' ')) AS keys
    FROM customers
    UNION ALL SELECT tenant_id, customer_id, search_keys, array_to_tsvector(string_to_array(search_keys, ' '))
    FROM customer_contacts
    UNION ALL SELECT tenant_id, customer_id, search_keys, array_to_tsvector(string_to_array(search_keys, ' '))
    FROM customer_addresses;

-- The words in names, by each three letters that follow each other in them, with `^` and `$` as the ends. Search
-- terms with typing errors share some of these with the words. A word that two transactions add at once is there twice:
-- a unique index would make one wait for the other.
CREATE TABLE customer_search_words (
    tenant_id text COLLATE "C" NOT NULL,
    gram      text COLLATE "C" NOT NULL,
    word      text COLLATE "C" NOT NULL
);

CREATE INDEX customer_search_words_by_gram ON customer_search_words (tenant_id, gram, word);
