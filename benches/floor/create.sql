\set number random(10000000, 99999999)
INSERT INTO customers (
    tenant_id, id, customer_name, customer_type, email_id, mobile_no, language, territory,
    is_internal_customer, disabled, is_frozen, so_required, dn_required,
    customer_name_key, email_id_key, mobile_no_key, tax_id_key,
    created_at, updated_at, created_by, last_modified_by
) VALUES (
    'acme', ('019d0000-0000-7000-8000-' || lpad(to_hex(nextval('bench_numbers')), 12, '0'))::uuid,
    'Bench ' || :number || ' Nord', 'INDIVIDUAL', 'b' || :number || '@example.com', '+47 ' || :number, 'en', 'NO',
    false, false, false, false, false,
    'bench ' || :number || ' nord', 'b' || :number || '@example.com', '+47 ' || :number, '',
    clock_timestamp(), clock_timestamp(), 'bench', 'bench'
)
RETURNING id, customer_name;
