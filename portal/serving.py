"""`portal serve`: the web server with its background worker, and how both are told to stop."""

import os
import signal
import sys

from granian import Granian
from granian.constants import Interfaces

from portal import logs, worker

LOAD_APP = "portal:create_web_app"
SECONDS_TO_FINISH = 10
MOST_INSIDE = 256
HEARD = [signal.SIGTERM]


def serve(host: str, port: int, workers: int, with_worker: bool) -> None:
    """Serve the portal until told to stop; its background worker stops with it."""
    # The web server listens for that once it runs: what is said before must not leave the worker behind.
    told: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: told.append(number))
    background = worker.Supervisor() if with_worker else None
    try:
        signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit())
        if not told:
            serve_web(LOAD_APP, host, port, workers)
    finally:
        if background:
            background.stop()


def serve_web(factory: str, host: str, port: int, workers: int, threads: int = MOST_INSIDE) -> None:
    """Run the web server as we run it; the benchmark serves its limits by the same one.

    `threads`: as many as may be answered at once, or wait inside for their turn (decision 051).
    """
    os.register_at_fork(before=_hear_it_later, after_in_parent=_hear_it, after_in_child=_end_when_told)
    Granian(
        factory,
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        log_access=False,
        log_dictconfig=logs.CONFIG,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=SECONDS_TO_FINISH,
    ).serve()


def _end_when_told() -> None:
    """Let a web process that is told to stop while it still starts do that.

    Until it listens itself it would answer as the process that it came from does, which is to wait for it.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _hear_it()


def _hear_it_later() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, HEARD)


def _hear_it() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, HEARD)
