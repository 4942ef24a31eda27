"""Meaning beyond shape: one rule per file, all of them asked, every problem told at once."""

from datagen.checks.checking import RULES, check, checked
from datagen.checks.house import House
from datagen.checks.place import Place

__all__ = ["RULES", "House", "Place", "check", "checked"]
