-- Divisions, areas and districts.
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
    FROM subtree JOIN customer_groups AS g ON g.tenant_id = 'acme' AND g.parent_id = subtree.id
), members AS MATERIALIZED (
    SELECT DISTINCT customer_id
    FROM customer_group_memberships
    WHERE tenant_id = 'acme' AND customer_group_id = ANY (ARRAY(SELECT id FROM subtree))
)
SELECT external_id, customer_name, (SELECT count(*) FROM members) AS total_count
FROM customers
WHERE tenant_id = 'acme' AND id = ANY (ARRAY(SELECT customer_id FROM members))
ORDER BY customer_name_key, id
LIMIT 20;
