"""The command line: one file per command; everything heavy is imported by the command that needs it."""

from datagen.cli.app import main

__all__ = ["main"]
