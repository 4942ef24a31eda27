"""Random words to values of any distribution, bit for bit the same on every CPU, Python and numpy version."""
