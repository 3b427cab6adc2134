SELECT external_id, customer_name, customer_name_key, id
FROM customers
WHERE tenant_id = 'acme'
ORDER BY customer_name_key, id
LIMIT 21;
