-- The place is that of a customer; a client would send its name and id.
\set n random(0, :customers - 1)
SELECT page.*
FROM customers AS place
CROSS JOIN LATERAL (
    SELECT c.external_id, c.customer_name, c.email_id, g.customer_group_name, c.customer_name_key, c.id
    FROM customers AS c
    LEFT JOIN customer_groups AS g ON g.tenant_id = 'acme' AND g.id = c.customer_group_id
    WHERE c.tenant_id = 'acme' AND (c.customer_name_key, c.id) > (place.customer_name_key, place.id)
    ORDER BY c.customer_name_key, c.id
    LIMIT 21
) AS page
WHERE place.tenant_id = 'acme'
    AND place.id = ('019b0004-0000-7000-8000-' || lpad(to_hex(:n::bigint), 12, '0'))::uuid;
