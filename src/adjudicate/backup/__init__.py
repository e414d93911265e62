"""A backup: one file that holds the whole database and all documents, taken while serving, for either database."""
