DROP INDEX pos_profiles_open;
ALTER TABLE pos_profiles DROP COLUMN sells_to_everyone;
