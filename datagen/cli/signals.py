"""Handles Ctrl-C and SIGTERM: the first stops the command cleanly, the second at once, without a traceback."""

from __future__ import annotations

import os
import signal
import sys
import threading
from types import FrameType
from typing import Any

_BEFORE = "stopped before anything was written; run the same command to start again"
_AT_ONCE = "stopped at once; complete files are kept, and 'datagen generate' with --resume continues from them"
_AGAIN = 0.02
"""Seconds after which a signal that came where an exception is ignored is sent again."""
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class SignalHandling:
    """The signal handling of one command.

    While modules are imported, a signal ends the process. After `loaded`, the first signal is raised as
    KeyboardInterrupt, so that the command can clean up. After `over`, the process is about to exit and prints nothing
    more.
    """

    def __init__(self) -> None:
        self.came: list[int] = []
        self.loading, self.leaving, self.at_once = True, False, _AT_ONCE
        self._hook: Any = None

    def install(self) -> None:
        """Install the handlers, except for signals that the caller ignores (`nohup`, background jobs of a shell)."""
        self.came.clear()
        self.loading, self.leaving = True, False
        if threading.current_thread() is threading.main_thread():
            for number in _SIGNALS:
                if signal.getsignal(number) is not signal.SIG_IGN:
                    signal.signal(number, self._stop)
            self._hook, sys.unraisablehook = self._hook or sys.unraisablehook, self._ignored

    def loaded(self, at_once: str = _AT_ONCE) -> None:
        """From now on the command can clean up. `at_once` is the message of a second signal."""
        self.loading, self.at_once = False, at_once

    def over(self) -> None:
        self.leaving = True

    def forget(self) -> None:
        """Restore the previous handlers, for a process that continues."""
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, signal.default_int_handler)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            if self._hook is not None:
                sys.unraisablehook, self._hook = self._hook, None

    @property
    def exit_code(self) -> int:
        """The exit code of a stopped command: 128 plus the number of the first signal."""
        return 128 + (self.came[0] if self.came else signal.SIGINT)

    def _stop(self, number: int, _frame: FrameType | None) -> None:
        self.came.append(number)
        if self.leaving:
            os._exit(self.exit_code)
        if self.loading or len(self.came) > 1:
            self._leave(_BEFORE if self.loading else self.at_once)
        raise KeyboardInterrupt

    def _ignored(self, unraisable: Any) -> None:
        """A signal within a destructor or a callback of C: Python prints the exception and goes on. Send it again."""
        if not self.came or not isinstance(unraisable.exc_value, KeyboardInterrupt):
            self._hook(unraisable)
            return
        timer = threading.Timer(_AGAIN, _send, [self.came.pop()])
        timer.daemon = True
        timer.start()

    def _leave(self, message: str) -> None:
        """End the process. Workers notice that it is gone; no unfinished file has its final name."""
        try:
            shown = b"\x1b[?25h" if os.isatty(2) else b""  # a progress bar hides the cursor
            os.write(2, shown + f"error: {message}\n".encode())
        finally:
            os._exit(self.exit_code)


def _send(number: int) -> None:
    """Send a signal to the main thread, which may be waiting in a system call."""
    main = threading.main_thread().ident
    if hasattr(signal, "pthread_kill") and main is not None:
        signal.pthread_kill(main, number)
    else:
        signal.raise_signal(number)


stopping = SignalHandling()
"""The signal handling of this process."""
