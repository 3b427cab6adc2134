-- Contacts are found by their e-mail addresses as customers are: by the folded text. Only the server
-- folds: it does so with those that are there when the migrations have run, and finds them by the
-- second index, which is empty afterwards.
ALTER TABLE customer_contacts ADD COLUMN email_id_key TEXT;
CREATE INDEX customer_contacts_by_email_key ON customer_contacts (tenant_id, email_id_key, id)
    WHERE email_id_key IS NOT NULL;
CREATE INDEX customer_contacts_unfolded ON customer_contacts (tenant_id, id)
    WHERE email_id IS NOT NULL AND email_id_key IS NULL;
-- Statistics for the query planner: as for the groups.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('customer_contacts', 'customer_contacts_by_email_key', '500000 50000 2 1'),
    ('customer_contacts', 'customer_contacts_unfolded', '1 1 1');
