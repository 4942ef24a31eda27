"""The command line: one file per command; everything heavy is imported by the command that needs it."""

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line; who stops it while it loads is told nothing, as nothing has begun."""
    try:
        from datagen.cli.app import main as run  # start-up: a moment in which Ctrl-C would show a traceback

        run()
    except KeyboardInterrupt:
        sys.exit(130)
