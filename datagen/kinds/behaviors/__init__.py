"""One file, one way in which group, age or time shapes rates and values."""
