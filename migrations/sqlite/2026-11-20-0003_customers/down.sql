-- The two tables refer to each other: without rows there is nothing to refuse.
DELETE FROM customers;
DROP TABLE customer_group_memberships;
DROP TABLE customers;
DROP TABLE customers_search_docs;
DROP TABLE customers_search;
