"""How the row that a reference points to is chosen: domain x law x replacement. One file, one law."""
