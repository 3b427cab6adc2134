-- A profile without links sells to nobody, unless it is marked as one that sells to everyone. Those
-- from before have links, and are not.
ALTER TABLE pos_profiles ADD COLUMN sells_to_everyone boolean NOT NULL DEFAULT false;
CREATE INDEX pos_profiles_open ON pos_profiles (tenant_id, id) WHERE sells_to_everyone;
