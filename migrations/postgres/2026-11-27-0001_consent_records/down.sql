ALTER TABLE customer_consents DROP COLUMN recorded_at, DROP COLUMN recorded_by;
