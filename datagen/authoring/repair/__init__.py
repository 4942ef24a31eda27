"""Repairs documents without a model: the text, the shape, names, kinds and units."""

from datagen.authoring.repair.change import Change
from datagen.authoring.repair.repair_document import Repair, repair

__all__ = ["Change", "Repair", "repair"]
