"""The REST surface: it turns requests into calls and answers into JSON, and decides nothing about a case."""
