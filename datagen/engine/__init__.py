"""Compile a plan and fill blocks: the family engine."""
