DROP TABLE customer_bank_accounts;
