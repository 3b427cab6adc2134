DROP TABLE loyalty_program_collections;
DROP TABLE loyalty_programs;
DROP TABLE loyalty_programs_search_docs;
DROP TABLE loyalty_programs_search;
