\set n random(0, 49)
WITH RECURSIVE subtree AS (
    SELECT customer_group_id AS id
    FROM pos_customer_groups
    WHERE tenant_id = 'acme'
        AND profile_id = ('019b0007-0000-7000-8000-' || lpad(to_hex(:n::bigint), 12, '0'))::uuid
    UNION
    SELECT g.id
    FROM subtree JOIN customer_groups AS g ON g.tenant_id = 'acme' AND g.parent_id = subtree.id
), members AS (
    SELECT DISTINCT customer_id
    FROM customer_group_memberships
    WHERE tenant_id = 'acme' AND customer_group_id = ANY (ARRAY(SELECT id FROM subtree))
    ORDER BY customer_id DESC
), page AS (
    SELECT c.id, c.external_id, c.customer_name
    FROM members JOIN customers AS c ON c.tenant_id = 'acme' AND c.id = members.customer_id
    WHERE NOT c.disabled
    ORDER BY members.customer_id DESC
    LIMIT 50
)
SELECT page.external_id, page.customer_name, a.address, a.postal_code, a.city
FROM page LEFT JOIN customer_addresses AS a ON a.tenant_id = 'acme' AND a.customer_id = page.id
ORDER BY page.id DESC, a.idx;
