"""The small process in which photos are made (decision 022): what it dies of, the worker outlives."""

import os
import signal
import subprocess
import sys
from threading import Timer
from types import TracebackType
from typing import IO, cast

from portal.domain import photos
from portal.domain.photos import BROKEN, Prepared, Unusable

PASSED_ON = ("LD_LIBRARY_PATH", "TMPDIR")
LONGEST = 60.0
"""A photo may take 5 seconds of the processor, and on a busy machine so long by the clock."""


class Lost(Exception):
    """The process ended while it worked at a photo, perhaps not because of the photo."""


class Darkroom:
    """Makes one photo after the other. The process starts at the first one and ends with the block."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Darkroom":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def develop(self, content: bytes) -> Prepared:
        """Return the photo that is made of this. Raises Unusable, and Lost when the process ended."""
        if self._process is None:
            self._process = _start()
        process = self._process
        watch = Timer(LONGEST, process.kill)
        watch.start()
        try:
            photos.send(content, cast(IO[bytes], process.stdin))
            return photos.receive(cast(IO[bytes], process.stdout))
        except (EOFError, BrokenPipeError):
            code = self._end()
            if code == -signal.SIGPROF:
                raise Unusable(BROKEN) from None
            raise Lost(f"ended with {code}") from None
        finally:
            watch.cancel()

    def _end(self) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        try:
            process.communicate(timeout=LONGEST)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
        except BrokenPipeError:
            process.wait()
        return process.returncode


def _start() -> subprocess.Popen[bytes]:
    # Run as a file it loads Pillow only, nothing of the portal and no setting or secret of it.
    environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-I", photos.__file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
    )
