"""Behaviors: effects of group, age or time on rates and values, one file each."""
