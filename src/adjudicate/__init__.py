"""A workflow engine for the patent procedures of Chinese intellectual property offices; this package file holds nothing else."""
