-- Regions, markets and chains.
-- OFFSET 0 makes each step look its groups up by the index. The planner would read all groups, because it
-- does not know how few are looked up.
\set n random(1, 40)
WITH RECURSIVE up AS (
    SELECT parent_id, customer_group_name, 0 AS distance
    FROM customer_groups
    WHERE tenant_id = 'acme' AND id = ('019b0001-0000-7000-8000-' || lpad(to_hex(:n::bigint), 12, '0'))::uuid
    UNION ALL
    SELECT g.parent_id, g.customer_group_name, up.distance + 1
    FROM up CROSS JOIN LATERAL (
        SELECT parent_id, customer_group_name
        FROM customer_groups
        WHERE tenant_id = 'acme' AND id = up.parent_id
        OFFSET 0
    ) AS g
)
SELECT customer_group_name FROM up ORDER BY distance;
WITH RECURSIVE down AS (
    SELECT id, customer_group_name
    FROM customer_groups
    WHERE tenant_id = 'acme'
        AND parent_id = ('019b0001-0000-7000-8000-' || lpad(to_hex(:n::bigint), 12, '0'))::uuid
    UNION ALL
    SELECT g.id, g.customer_group_name
    FROM down CROSS JOIN LATERAL (
        SELECT id, customer_group_name
        FROM customer_groups
        WHERE tenant_id = 'acme' AND parent_id = down.id
        OFFSET 0
    ) AS g
)
SELECT id, customer_group_name FROM down;
