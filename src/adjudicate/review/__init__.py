"""What a lawyer reads and signs: REVIEW.md and its diagrams, generated from the definitions; it judges nothing."""
