"""Whether the record is what was written: chains, caches, numbers, triggers and kept texts; it repairs nothing."""
