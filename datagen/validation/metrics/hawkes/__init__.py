"""Recovery of self-excitation (Hawkes processes)."""
