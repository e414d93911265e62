"""Every SQL statement about cases, one file per purpose; nothing is decided here."""
