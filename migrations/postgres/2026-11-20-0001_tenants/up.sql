CREATE TABLE tenants (
    tenant_id  text COLLATE "C" NOT NULL,
    created_at timestamptz      NOT NULL,
    PRIMARY KEY (tenant_id)
);

-- A credential. The key itself is never stored, only its SHA-256 digest (hexadecimal).
CREATE TABLE api_keys (
    tenant_id    text COLLATE "C" NOT NULL,
    id           uuid             NOT NULL,
    name         text COLLATE "C" NOT NULL,
    scope        text COLLATE "C" NOT NULL CHECK (scope IN ('read', 'write', 'admin')),
    digest       text COLLATE "C" NOT NULL,
    created_at   timestamptz      NOT NULL,
    expires_at   timestamptz,
    revoked_at   timestamptz,
    last_used_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, digest),
    UNIQUE (tenant_id, name),
    FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
);
