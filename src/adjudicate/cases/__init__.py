"""Cases: what is stored of them, how events are recorded, verified and announced; no HTTP here."""
