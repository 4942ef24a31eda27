"""The document: its models, reading it, its JSON Schema, problems and places."""
