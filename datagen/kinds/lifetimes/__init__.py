"""One file, one law of how long an entity lives."""
