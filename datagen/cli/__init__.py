"""The command line: one file per command. Each command imports heavy modules itself."""

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line. Whatever happens, from the first import to the last moment, ends without a traceback."""
    try:
        from datagen.cli.stopping import stopping  # start-up: a moment in which Ctrl-C would show a traceback

        stopping.listen()
        from datagen.cli.app import main as run

        run()
    except KeyboardInterrupt:
        sys.exit(130)
