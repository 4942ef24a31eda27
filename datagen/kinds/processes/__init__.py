"""Processes: states, transitions and times of an entity, simulated for a block of entities at once."""
