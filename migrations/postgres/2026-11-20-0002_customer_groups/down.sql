-- The extensions stay: something else in this database may use them by now.
DROP TABLE customer_groups;
