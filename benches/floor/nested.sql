-- The place is that of a customer; a client would send its name and id.
\set n random(0, :customers - 1)
SELECT page.*
FROM customers AS place
CROSS JOIN LATERAL (
    SELECT c.external_id, c.customer_name, c.email_id, g.customer_group_name,
        parent.customer_group_name AS parent_name, p.loyalty_program_name,
        ARRAY(
            SELECT t.tier_name || ' ' || t.min_spent
            FROM loyalty_program_collections AS t
            WHERE t.tenant_id = 'acme' AND t.loyalty_program_id = c.loyalty_program_id
            ORDER BY t.idx
        ) AS tiers,
        c.customer_name_key, c.id
    FROM customers AS c
    LEFT JOIN customer_groups AS g ON g.tenant_id = 'acme' AND g.id = c.customer_group_id
    LEFT JOIN customer_groups AS parent ON parent.tenant_id = 'acme' AND parent.id = g.parent_id
    LEFT JOIN loyalty_programs AS p ON p.tenant_id = 'acme' AND p.id = c.loyalty_program_id
    WHERE c.tenant_id = 'acme' AND (c.customer_name_key, c.id) > (place.customer_name_key, place.id)
    ORDER BY c.customer_name_key, c.id
    LIMIT 21
) AS page
WHERE place.tenant_id = 'acme'
    AND place.id = ('019b0004-0000-7000-8000-' || lpad(to_hex(:n::bigint), 12, '0'))::uuid;
