"""The command line: one file per command. Each command imports heavy modules itself."""

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line. No error or signal ends it with a traceback, not even during imports."""
    try:
        from datagen.cli.signals import stopping  # start-up: Ctrl-C during this import would show a traceback

        stopping.install()
        from datagen.cli.app import main as run

        run()
    except KeyboardInterrupt:
        sys.exit(130)
