-- Divisions, areas and districts.
-- IS TRUE makes a set of the members, and customers are looked up in it by name, from an index alone.
\set n random(41, 376)
\set m random(41, 376)
WITH RECURSIVE subtree AS (
    SELECT id
    FROM customer_groups
    WHERE tenant_id = 'acme' AND id IN (
        ('019b0001-0000-7000-8000-' || lpad(to_hex(:n::bigint), 12, '0'))::uuid,
        ('019b0001-0000-7000-8000-' || lpad(to_hex(:m::bigint), 12, '0'))::uuid
    )
    UNION
    SELECT g.id
    FROM subtree CROSS JOIN LATERAL (
        SELECT id FROM customer_groups WHERE tenant_id = 'acme' AND parent_id = subtree.id OFFSET 0
    ) AS g
), members AS MATERIALIZED (
    SELECT DISTINCT customer_id
    FROM customer_group_memberships
    WHERE tenant_id = 'acme' AND customer_group_id = ANY (ARRAY(SELECT id FROM subtree))
), page AS (
    SELECT id
    FROM customers
    WHERE tenant_id = 'acme' AND (id IN (SELECT customer_id FROM members)) IS TRUE
    ORDER BY customer_name_key, id
    LIMIT 20
)
SELECT c.external_id, c.customer_name, (SELECT count(*) FROM members) AS total_count
FROM page JOIN customers AS c ON c.tenant_id = 'acme' AND c.id = page.id
ORDER BY c.customer_name_key, c.id;
