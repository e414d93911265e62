"""A workflow engine for the patent procedures of Chinese intellectual property offices; nothing is imported here."""
