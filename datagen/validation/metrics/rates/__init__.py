"""Recovery of rates over time from counts of events."""
