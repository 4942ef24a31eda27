"""The families of kinds: one folder for each family, one file for each kind."""
