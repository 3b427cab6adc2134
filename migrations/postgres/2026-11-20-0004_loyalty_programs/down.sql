DROP TABLE loyalty_program_collections;
DROP TABLE loyalty_programs;
