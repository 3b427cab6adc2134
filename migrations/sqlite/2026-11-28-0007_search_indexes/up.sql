-- The words in names. A word is found by all that remains of its first seven letters if up to two of them are left out (one
-- of a word with less than six letters): a word with typing errors has a remainder in common with the word that is meant.
-- How many words have it hardly grows with their number, as that of the words with the same three letters does.
DROP TABLE customer_search_words;
CREATE TABLE customer_search_words (
    tenant_id TEXT NOT NULL,
    word      TEXT NOT NULL,
    PRIMARY KEY (tenant_id, word)
) WITHOUT ROWID;

CREATE TABLE customer_search_remainders (
    tenant_id TEXT NOT NULL,
    remainder TEXT NOT NULL,
    word      TEXT NOT NULL,
    PRIMARY KEY (tenant_id, remainder, word)
) WITHOUT ROWID;

-- The places of the letters that are left out; the seven letters have none at 8 and 9.
CREATE TRIGGER customer_search_words_insert AFTER INSERT ON customer_search_words BEGIN
    INSERT OR IGNORE INTO customer_search_remainders (tenant_id, remainder, word)
    SELECT new.tenant_id,
        substr(new.word, 1, gaps.column1 - 1)
            || substr(new.word, gaps.column1 + 1, gaps.column2 - gaps.column1 - 1)
            || substr(substr(new.word, 1, 7), gaps.column2 + 1),
        new.word
    FROM (VALUES
        (8, 9), (1, 8), (2, 8), (3, 8), (4, 8), (5, 8), (6, 8), (7, 8), (1, 2), (1, 3), (1, 4),
        (1, 5), (1, 6), (1, 7), (2, 3), (2, 4), (2, 5), (2, 6), (2, 7), (3, 4), (3, 5), (3, 6),
        (3, 7), (4, 5), (4, 6), (4, 7), (5, 6), (5, 7), (6, 7)
    ) AS gaps
    WHERE gaps.column2 > 7 OR length(new.word) >= 6;
END;
CREATE TRIGGER tenants_search_remainders_delete AFTER DELETE ON tenants BEGIN
    DELETE FROM customer_search_remainders WHERE tenant_id = old.tenant_id;
END;

DELETE FROM sqlite_stat1 WHERE tbl = 'customer_search_words';
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('customer_search_words', 'customer_search_words', '100000 10000 1'),
    ('customer_search_remainders', 'customer_search_remainders', '3000000 300000 10 1');
