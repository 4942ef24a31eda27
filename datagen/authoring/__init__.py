"""Helps a person or a model to write a schema: repair, brief, starting points, authoring with a language model."""
