"""What one entity goes through: states, transitions and times, simulated for a block of entities at once."""
