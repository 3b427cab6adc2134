-- The memberships are read in the order of the customers until there are enough.
\set n random(0, 49)
WITH RECURSIVE subtree AS (
    SELECT customer_group_id AS id
    FROM pos_customer_groups
    WHERE tenant_id = 'acme'
        AND profile_id = ('019b0007-0000-7000-8000-' || lpad(to_hex(:n::bigint), 12, '0'))::uuid
    UNION
    SELECT g.id
    FROM subtree CROSS JOIN LATERAL (
        SELECT id FROM customer_groups WHERE tenant_id = 'acme' AND parent_id = subtree.id OFFSET 0
    ) AS g
), page AS (
    SELECT DISTINCT m.customer_id AS id
    FROM (
        SELECT customer_id, customer_group_id
        FROM customer_group_memberships
        WHERE tenant_id = 'acme'
        ORDER BY customer_id DESC
        OFFSET 0
    ) AS m
    JOIN customers AS c ON c.tenant_id = 'acme' AND c.id = m.customer_id
    WHERE (m.customer_group_id IN (SELECT id FROM subtree)) IS TRUE AND NOT c.disabled
    ORDER BY m.customer_id DESC
    LIMIT 50
)
SELECT c.external_id, c.customer_name, a.address, a.postal_code, a.city
FROM page
JOIN customers AS c ON c.tenant_id = 'acme' AND c.id = page.id
LEFT JOIN customer_addresses AS a ON a.tenant_id = 'acme' AND a.customer_id = page.id
ORDER BY c.id DESC, a.idx;
