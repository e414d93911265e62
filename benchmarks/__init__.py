"""Measurements side by side on one machine: the product, bare handlers that write the same rows, and the pure core."""
