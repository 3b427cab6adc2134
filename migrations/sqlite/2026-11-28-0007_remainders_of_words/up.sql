-- The words in names, each with all that remains of its first seven letters if up to two of them are left out. A word
-- with typing errors has a remainder in common with the word that is meant, whose number does not grow with that of the
-- words, as that of the words with the same three letters does.
DROP TABLE customer_search_words;
CREATE TABLE customer_search_words (
    tenant_id TEXT NOT NULL,
    remainder TEXT NOT NULL,
    word      TEXT NOT NULL,
    PRIMARY KEY (tenant_id, remainder, word)
) WITHOUT ROWID;

DELETE FROM sqlite_stat1 WHERE tbl = 'customer_search_words';
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('customer_search_words', 'customer_search_words', '3000000 300000 10 1');
