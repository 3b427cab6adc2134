\set n random(0, :customers - 1)
\set number random(10000000, 99999999)
UPDATE customers
SET mobile_no = '+47 ' || :number, mobile_no_key = '+47 ' || :number, updated_at = clock_timestamp(),
    last_modified_by = 'bench'
WHERE tenant_id = 'acme' AND id = ('019b0004-0000-7000-8000-' || lpad(to_hex(:n::bigint), 12, '0'))::uuid
RETURNING id, mobile_no;
