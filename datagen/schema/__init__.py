"""The document: its models, its readers, its JSON Schema, problems and places."""
