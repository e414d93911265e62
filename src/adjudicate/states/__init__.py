"""The procedure as a state machine: definitions, guards, folding and judging; no database, no HTTP, no clock."""
