"""What kinds of faults share."""
