"""Shared code of row sources: views of a process, and calendar periods."""
