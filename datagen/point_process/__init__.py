"""Point processes: the intensity of events over time (calendar, age, lifetime), and the draws from it."""
