-- Two that lock the same tiers in different orders would wait for each other: first the program.
\set n random(0, 19)
\set by random(1, 3)
WITH program AS (
    SELECT id
    FROM loyalty_programs
    WHERE tenant_id = 'acme' AND id = ('019b0002-0000-7000-8000-' || lpad(to_hex(:n::bigint), 12, '0'))::uuid
    FOR NO KEY UPDATE
)
UPDATE loyalty_program_collections AS t
SET idx = (t.idx + :by - 1) % 4 + 1, updated_at = clock_timestamp()
FROM program
WHERE t.tenant_id = 'acme' AND t.loyalty_program_id = program.id
RETURNING t.id, t.idx;
