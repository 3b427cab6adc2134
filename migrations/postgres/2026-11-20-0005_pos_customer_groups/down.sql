DROP TABLE pos_customer_groups;
DROP TABLE pos_profiles;
