DROP TABLE customer_groups;
DROP TABLE customer_groups_search_docs;
DROP TABLE customer_groups_search;
