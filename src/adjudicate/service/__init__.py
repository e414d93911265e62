"""Service of process as the record shows it: attempts, their method, proof and completion; no rule stands here."""
