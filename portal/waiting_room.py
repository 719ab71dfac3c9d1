"""In what order a web process answers when more people come at once than it can answer (decision 051)."""

from collections import deque
from collections.abc import Iterable
from io import BytesIO
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LOOKING = frozenset({"GET", "HEAD", "OPTIONS"})
SENT_BEFORE_SEEN = 3
SMALL_BODY = 1_000_000
"""Bytes: what is no longer than this is read before its turn comes; only files that are sent are longer."""


class WaitingRoom:
    """A WSGI application that answers so many requests at once and lets the others wait for their turn.

    What somebody sends comes before what somebody opens: in the minute in which a round opens, who taps a
    time has an answer while others still wait for a page. Where both wait, each fourth turn is for a page, so
    that pages come however much is sent. Within each kind who came first is answered first. A form that
    comes in slowly, from a phone with little network, keeps nobody else's turn.
    """

    def __init__(self, app: "WSGIApplication", at_once: int) -> None:
        self._app = app
        self._free = at_once
        self._lock = Lock()
        self._sent: deque[Lock] = deque()
        self._seen: deque[Lock] = deque()
        self._sent_in_a_row = 0

    @property
    def waiting(self) -> int:
        """How many requests wait for their turn."""
        return len(self._sent) + len(self._seen)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        _read_small_body(environ)
        self._wait(sends=environ["REQUEST_METHOD"] not in LOOKING)
        try:
            return self._app(environ, start_response)
        finally:
            self._call_next()

    def _wait(self, sends: bool) -> None:
        with self._lock:
            if self._free:
                self._free -= 1
                return
            turn = Lock()
            turn.acquire()
            (self._sent if sends else self._seen).append(turn)
        turn.acquire()

    def _call_next(self) -> None:
        with self._lock:
            if not self.waiting:
                self._free += 1
                return
            page_is_due = self._seen and self._sent_in_a_row >= SENT_BEFORE_SEEN
            sends = bool(self._sent) and not page_is_due
            self._sent_in_a_row = self._sent_in_a_row + 1 if sends else 0
            (self._sent if sends else self._seen).popleft().release()


def _read_small_body(environ: "WSGIEnvironment") -> None:
    length = environ.get("CONTENT_LENGTH") or ""
    if length.isdecimal() and 0 < int(length) <= SMALL_BODY:
        environ["wsgi.input"] = BytesIO(environ["wsgi.input"].read(int(length)))
