-- In one of the stores.
\set n random(377, 952)
\set number random(10000000, 99999999)
WITH made AS (
    INSERT INTO customers (
        tenant_id, id, customer_name, customer_type, email_id, mobile_no, language, territory, customer_group_id,
        is_internal_customer, disabled, is_frozen, so_required, dn_required,
        customer_name_key, email_id_key, mobile_no_key, tax_id_key,
        created_at, updated_at, created_by, last_modified_by
    ) VALUES (
        'acme', ('019d0000-0000-7000-8000-' || lpad(to_hex(nextval('bench_numbers')), 12, '0'))::uuid,
        'Bench ' || :number || ' Nord', 'INDIVIDUAL', 'b' || :number || '@example.com', '+47 ' || :number, 'en', 'NO',
        ('019b0001-0000-7000-8000-' || lpad(to_hex(:n::bigint), 12, '0'))::uuid,
        false, false, false, false, false,
        'bench ' || :number || ' nord', 'b' || :number || '@example.com', '+47 ' || :number, '',
        clock_timestamp(), clock_timestamp(), 'bench', 'bench'
    )
    RETURNING id, customer_name, customer_group_id
), member AS (
    INSERT INTO customer_group_memberships (tenant_id, customer_id, customer_group_id, created_at, created_by)
    SELECT 'acme', id, customer_group_id, clock_timestamp(), 'bench' FROM made
), contact AS (
    INSERT INTO customer_contacts (
        tenant_id, id, customer_id, idx, is_primary, first_name, last_name, email_id, email_id_key,
        created_at, updated_at
    )
    SELECT 'acme', id, id, 1, true, 'Ada', 'Nord', 'ada@example.com', 'ada@example.com',
        clock_timestamp(), clock_timestamp()
    FROM made
), address AS (
    INSERT INTO customer_addresses (
        tenant_id, id, customer_id, idx, address_type, is_primary, address, city, postal_code, country_code,
        created_at, updated_at
    )
    SELECT 'acme', id, id, 1, 'DELIVERY_ADDRESS', true, 'Bryggen 7', 'Bergen', '5003', 'NO',
        clock_timestamp(), clock_timestamp()
    FROM made
)
SELECT id, customer_name FROM made;
