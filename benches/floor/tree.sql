-- Regions, markets and chains.
\set n random(1, 40)
WITH RECURSIVE up AS (
    SELECT parent_id, customer_group_name, 0 AS distance
    FROM customer_groups
    WHERE tenant_id = 'acme' AND id = ('019b0001-0000-7000-8000-' || lpad(to_hex(:n::bigint), 12, '0'))::uuid
    UNION ALL
    SELECT g.parent_id, g.customer_group_name, up.distance + 1
    FROM up JOIN customer_groups AS g ON g.tenant_id = 'acme' AND g.id = up.parent_id
)
SELECT customer_group_name FROM up ORDER BY distance;
WITH RECURSIVE down AS (
    SELECT id, customer_group_name
    FROM customer_groups
    WHERE tenant_id = 'acme'
        AND parent_id = ('019b0001-0000-7000-8000-' || lpad(to_hex(:n::bigint), 12, '0'))::uuid
    UNION ALL
    SELECT g.id, g.customer_group_name
    FROM down JOIN customer_groups AS g ON g.tenant_id = 'acme' AND g.parent_id = down.id
)
SELECT id, customer_group_name FROM down;
