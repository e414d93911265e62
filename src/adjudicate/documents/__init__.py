"""Documents: bytes on a local folder known by digest, and the rows that tie them to cases; none is rendered."""
