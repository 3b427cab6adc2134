DROP TABLE customer_groups_search_docs;
DROP TABLE customer_groups_search;
DROP TABLE customer_groups;
