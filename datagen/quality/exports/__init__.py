"""The constraints of a schema for other tools: one file, one format."""

from datagen.quality.exports.formats import FORMATS, export

__all__ = ["FORMATS", "export"]
