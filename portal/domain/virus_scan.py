"""The virus scanner of the school's server: clamd, asked over its socket (INSTREAM).

Without the setting CLAMAV nothing is asked and every file passes. CLAMAV is the path of a socket
(`/run/clamav/clamd.ctl`) or `host:port`.
"""

import socket
import struct
from contextlib import closing

from flask import current_app

SECONDS_TO_CONNECT = 2.0
SECONDS_TO_ANSWER = 15.0
"""So long somebody who uploads waits; the worker, who asks again later, has more patience."""

AT_ONCE = 1 << 16
LONGEST_ANSWER = 1024
_LENGTH = struct.Struct(">I")


class VirusFound(Exception):
    """The scanner knows this file as harmful."""


class NoAnswer(Exception):
    """The scanner did not say whether a file is harmful: it is not there or hangs; or, `is_there`, it answers
    something else, so that it may still know about another file.
    """

    def __init__(self, why: str, is_there: bool = False) -> None:
        super().__init__(why)
        self.is_there = is_there


def is_configured() -> bool:
    """Whether files are scanned at all."""
    return bool(current_app.config["CLAMAV"])


def scan(content: bytes, patience: float = SECONDS_TO_ANSWER) -> None:
    """Return when the scanner finds nothing, or there is none. Raises VirusFound and NoAnswer.

    `patience` in seconds for each step of the talk.
    """
    if not is_configured():
        return
    try:
        with closing(_connected(str(current_app.config["CLAMAV"]))) as line:
            line.settimeout(patience)
            answer = _ask(line, content)
    except (OSError, ValueError) as error:
        raise NoAnswer(type(error).__name__) from None
    if answer.endswith(b" FOUND"):
        raise VirusFound
    if answer != b"stream: OK":
        raise NoAnswer(answer.decode(errors="replace")[:80], is_there=bool(answer))


def _connected(where: str) -> socket.socket:
    if where.startswith("/"):
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(SECONDS_TO_CONNECT)
        try:
            line.connect(where)
        except OSError:
            line.close()
            raise
        return line
    host, _, port = where.rpartition(":")
    return socket.create_connection((host, int(port)), SECONDS_TO_CONNECT)


def _ask(line: socket.socket, content: bytes) -> bytes:
    line.sendall(b"zINSTREAM\0")
    view = memoryview(content)
    for start in range(0, len(view), AT_ONCE):
        part = view[start : start + AT_ONCE]
        line.sendall(_LENGTH.pack(len(part)) + part)
    line.sendall(_LENGTH.pack(0))
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < LONGEST_ANSWER:
        part_of_it = line.recv(LONGEST_ANSWER)
        if not part_of_it:
            break
        answer += part_of_it
    return answer.rstrip(b"\0").strip()
