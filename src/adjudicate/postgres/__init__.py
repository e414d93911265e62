"""Compiled statements and the pipeline that sends them to PostgreSQL together; no table is known here."""
