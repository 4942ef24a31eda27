"""One intensity for everything that happens over time: the calendar's clock, ages, lives, and the draws on them."""
