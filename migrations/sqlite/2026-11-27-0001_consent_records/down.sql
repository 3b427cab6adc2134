ALTER TABLE customer_consents DROP COLUMN recorded_at;
ALTER TABLE customer_consents DROP COLUMN recorded_by;
