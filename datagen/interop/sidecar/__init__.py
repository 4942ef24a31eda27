"""What is written beside the data: what was planted, and the tables described for other tools."""

from datagen.interop.sidecar.files import documents

__all__ = ["documents"]
