\set n random(0, :customers - 1)
SELECT external_id, customer_name, email_id
FROM customers
WHERE tenant_id = 'acme' AND id = ('019b0004-0000-7000-8000-' || lpad(to_hex(:n::bigint), 12, '0'))::uuid;
