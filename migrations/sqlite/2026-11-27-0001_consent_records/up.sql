-- When and by whom a consent was recorded, which may have been elsewhere. Of one from before, it is
-- known no better than when it was last changed.
ALTER TABLE customer_consents ADD COLUMN recorded_at TEXT;
ALTER TABLE customer_consents ADD COLUMN recorded_by TEXT;
UPDATE customer_consents SET recorded_at = updated_at;
