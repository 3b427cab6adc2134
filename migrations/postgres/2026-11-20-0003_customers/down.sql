ALTER TABLE customers DROP CONSTRAINT customers_primary_group_is_a_membership;
DROP TABLE customer_group_memberships;
DROP TABLE customers;
