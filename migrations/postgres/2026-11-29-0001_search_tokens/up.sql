-- PostgreSQL's indexes for substring search begin with the tenant already.
SELECT;
