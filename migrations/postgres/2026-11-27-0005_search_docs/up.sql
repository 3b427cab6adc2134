-- Only SQLite has documents that are searched.
SELECT;
