"""Shared code of interarrival kinds."""
