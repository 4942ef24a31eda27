"""The intensity of events over time: calendar, age and lifetime, and the draws from it."""
