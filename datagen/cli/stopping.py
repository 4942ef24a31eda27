"""Handles Ctrl-C and SIGTERM: the first stops the command cleanly, the second at once, without a traceback."""

from __future__ import annotations

import os
import signal
import threading
from types import FrameType

_BEFORE = "stopped before anything was written; the same command begins again"
_AT_ONCE = "stopped at once; what is complete is kept, and 'datagen generate' with --resume goes on from there"
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stopping:
    """The signals of one command.

    While modules are imported nothing has begun, and a signal ends the process. From `loaded` on the first one is raised as
    KeyboardInterrupt, so that the command ends in order. From `over` on the process is on its way out, and says nothing more.
    """

    def __init__(self) -> None:
        self.came: list[int] = []
        self.loading, self.leaving = True, False

    def listen(self) -> None:
        """Take the signals, save those that the caller ignores (`nohup`, the background of a shell)."""
        self.came.clear()
        self.loading, self.leaving = True, False
        if threading.current_thread() is threading.main_thread():
            for number in _SIGNALS:
                if signal.getsignal(number) is not signal.SIG_IGN:
                    signal.signal(number, self._stop)

    def loaded(self) -> None:
        self.loading = False

    def over(self) -> None:
        self.leaving = True

    def forget(self) -> None:
        """Give the signals back, where the process goes on."""
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, signal.default_int_handler)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)

    @property
    def exit_code(self) -> int:
        """Of a command that was stopped: 128 and the number of the first signal."""
        return 128 + (self.came[0] if self.came else signal.SIGINT)

    def _stop(self, number: int, _frame: FrameType | None) -> None:
        self.came.append(number)
        if self.leaving:
            os._exit(self.exit_code)
        if self.loading or len(self.came) > 1:
            self._leave(_BEFORE if self.loading else _AT_ONCE)
        raise KeyboardInterrupt

    def _leave(self, said: str) -> None:
        """End the process. Workers notice that it is gone; nothing unfinished has its final name."""
        try:
            shown = b"\x1b[?25h" if os.isatty(2) else b""  # a progress bar hides the cursor
            os.write(2, shown + f"error: {said}\n".encode())
        finally:
            os._exit(self.exit_code)


stopping = Stopping()
"""That of this process."""
