"""Whose turn it is to write to a SQLite file, over all threads and processes of the portal (decision 033).

SQLite itself lets who finds it busy sleep and look again: in a rush some never find it free and give up. Here
everybody waits in a queue of the operating system and is woken as soon as the one before is done.
"""

import fcntl
import os
import threading
from pathlib import Path

LONGEST_WAIT = 20.0
"""Seconds that a thread waits for the others of its process; then the request is told to come back later."""


class Turn:
    """The turn to write to one database, taken and given back by whichever thread."""

    def __init__(self, database: str | None) -> None:
        self._threads = threading.Lock()
        is_file = bool(database) and database != ":memory:"
        self._path = Path(f"{database}-turn") if is_file else None
        self._file: int | None = None

    def take(self) -> bool:
        """Wait for the turn; False when it did not come in time."""
        if not self._threads.acquire(timeout=LONGEST_WAIT):
            return False
        try:
            if self._path is not None:
                self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
                fcntl.flock(self._file, fcntl.LOCK_EX)
        except BaseException:
            # No number for a file now, or told to stop: the others must not wait for us.
            self.give_back()
            raise
        return True

    def give_back(self) -> None:
        """Let the next one write."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
        self._threads.release()
