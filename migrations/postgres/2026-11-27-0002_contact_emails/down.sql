DROP INDEX customer_contacts_unfolded, customer_contacts_by_email_key;
ALTER TABLE customer_contacts DROP COLUMN email_id_key;
