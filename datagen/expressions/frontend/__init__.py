"""From SQL text to the typed tree: parsing, whitelisting, literals."""
