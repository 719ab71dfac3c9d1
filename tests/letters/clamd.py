"""A virus scanner that talks as clamd does, on a real socket, and can be told to misbehave."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.letters.files import EICAR

ANSWERS, HANGS, SAYS_ERROR, BREAKS_OFF = "answers", "hangs", "says error", "breaks off"


class Clamd:
    """Finds the EICAR test file; `mood` is how it behaves, `seen` how many bytes it got each time.

    `largest`: of a file that is larger it says so and breaks off.
    """

    def __init__(self, listening: socket.socket) -> None:
        self.mood = ANSWERS
        self.seen: list[int] = []
        self.largest = 100_000_000
        self._listening = listening
        self._open = threading.Event()

    def serve(self) -> None:
        """Answer one after the other, until the socket is closed."""
        while True:
            try:
                line, _ = self._listening.accept()
            except OSError:
                return
            with line, suppress(OSError, struct.error):
                line.settimeout(5)
                self._talk(line)

    def _talk(self, line: socket.socket) -> None:
        with line.makefile("rb") as file:
            assert file.read(10) in (b"zINSTREAM\0", b"")
            if self.mood == BREAKS_OFF:
                return
            content = b""
            while length := struct.unpack(">I", file.read(4))[0]:
                content += file.read(length)
                if len(content) > self.largest:
                    line.sendall(b"INSTREAM size limit exceeded. ERROR\0")
                    return
        self.seen.append(len(content))
        if self.mood == HANGS:
            self._open.wait(3)
        elif self.mood == SAYS_ERROR:
            line.sendall(b"INSTREAM size limit exceeded. ERROR\0")
        elif EICAR in content:
            line.sendall(b"stream: Win.Test.EICAR_HDB-1 FOUND\0")
        else:
            line.sendall(b"stream: OK\0")

    def let_go(self) -> None:
        """End a talk that hangs."""
        self._open.set()


@contextmanager
def clamd(where: Path | None) -> Iterator[tuple[Clamd, str]]:
    """Run a scanner on a socket in the file system, or else on a port; yields it and the setting for it."""
    listening = socket.socket(socket.AF_UNIX if where else socket.AF_INET)
    listening.bind(str(where) if where else ("127.0.0.1", 0))
    listening.listen()
    scanner = Clamd(listening)
    thread = threading.Thread(target=scanner.serve)
    thread.start()
    setting = str(where) if where else f"127.0.0.1:{listening.getsockname()[1]}"
    try:
        yield scanner, setting
    finally:
        scanner.let_go()
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(10)
