"""What the portal's processes write to the log: when in UTC, what happened, and nothing about people."""

import copy
import logging
import logging.config
import time
import traceback
from collections.abc import Iterator
from types import TracebackType

ExceptionTold = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]

CONFIG: dict[str, object] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "portal.logs.Line"}},
    "handlers": {
        "errors": {"class": "logging.StreamHandler", "stream": "ext://sys.stderr", "formatter": "line"}
    },
    "root": {"level": "WARNING", "handlers": ["errors"]},
    "loggers": {
        "portal": {"level": "INFO"},
        # Of the web server.
        "_granian": {"level": "INFO"},
        "granian.access": {"level": "INFO"},
    },
}

security = logging.getLogger("portal.security")


class Line(logging.Formatter):
    """One line for what happened. Of an exception its class and where it was raised, without its words.

    The words may be about somebody: Postgres says which address is there already.
    """

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%SZ")
        self.converter = time.gmtime

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, also when another handler has put the exception in its own words already."""
        record = copy.copy(record)
        record.exc_text = None
        return super().format(record)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        """Keep on one line what has line breaks in it, so that nobody can make up lines of the log."""
        return super().formatMessage(record).replace("\r", "\\r").replace("\n", "\\n")

    def formatException(self, told: ExceptionTold) -> str:  # noqa: N802
        """Return the classes of an exception and of those that led to it, and where each was raised."""
        return "\n".join(_told(told[1], set())) if told[1] else ""


def _told(error: BaseException, seen: set[int]) -> Iterator[str]:
    seen.add(id(error))
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if earlier is not None and id(earlier) not in seen:
        yield from _told(earlier, seen)
        yield "which led to"
    yield "Traceback (most recent call last):"
    yield "".join(traceback.format_tb(error.__traceback__)).rstrip("\n")
    yield f"{type(error).__module__}.{type(error).__qualname__}"


def configure() -> None:
    """Let this process write its log; the web server's own processes are told by it."""
    logging.config.dictConfig(CONFIG)


def note_export(what: str, number: int, person: int) -> None:
    """Note that somebody took data out of the portal: what, the number of its group or letter, who."""
    security.info("exported: %s %s, by user %s", what, number, person)
