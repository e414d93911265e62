"""The statements of verification: reading the whole record, and the triggers that protect it."""
