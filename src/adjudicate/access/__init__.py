"""Who may act and who may see: offices, actors, roles, tokens, and the one visibility predicate."""
