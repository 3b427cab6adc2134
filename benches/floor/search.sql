\set n random(1, 64)
SELECT external_id, customer_name
FROM customers
WHERE tenant_id = 'acme' AND customer_name_key LIKE '%' || (:terms::text[])[:n::integer] || '%'
ORDER BY id DESC
LIMIT 20;
