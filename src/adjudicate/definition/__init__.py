"""The law as data: models of the YAML, names, registers, overlays and the compiled rulebook; nothing happens here."""
