-- The words in names, each with all that remains of its first seven letters if up to two of them are left out. A word
-- with typing errors has a remainder in common with the word that is meant, whose number does not grow with that of the
-- words, as that of the words with the same three letters does. A word that two transactions add at once is there twice: a
-- unique index would make one wait for the other.
DROP TABLE customer_search_words;
CREATE TABLE customer_search_words (
    tenant_id text COLLATE "C" NOT NULL,
    remainder text COLLATE "C" NOT NULL,
    word      text COLLATE "C" NOT NULL
);

CREATE INDEX customer_search_words_by_remainder ON customer_search_words (tenant_id, remainder, word);
