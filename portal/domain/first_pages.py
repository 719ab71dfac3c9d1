"""The small picture of a PDF's first page, made in a process of its own (decision 047).

Whatever goes wrong there, a PDF without a picture is as good as one with it.
"""

import os
import struct
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import IO, cast

from portal.domain.darkroom import PASSED_ON

PROGRAM = Path(__file__).with_name("first_page_program.py")
LONGEST = 10.0
"""It may take 3 seconds of the processor, and on a busy machine so long by the clock."""

LONGEST_SIDE = 256
MOST_BYTES = 60_000
_HEAD = struct.Struct(">HH")


@dataclass(frozen=True, slots=True)
class FirstPage:
    """A picture of a page, as WebP."""

    picture: bytes
    width: int
    height: int


def first_page_of(content: bytes) -> FirstPage | None:
    """Return the picture of a PDF's first page; None for one that has none, or asks too much."""
    answer = b""
    with suppress(OSError), _start() as process:
        watch = Timer(LONGEST, process.kill)
        watch.start()
        try:
            answer = _ask(process, content)
        finally:
            process.kill()
            watch.cancel()
    return _read(answer)


def _start() -> subprocess.Popen[bytes]:
    # Run as a file it loads the PDF reader only, nothing of the portal and no setting or secret of it.
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-I", PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={name: os.environ[name] for name in PASSED_ON if name in os.environ},
    )


def _ask(process: subprocess.Popen[bytes], content: bytes) -> bytes:
    pipe = cast(IO[bytes], process.stdin)
    pipe.write(content)
    pipe.close()
    return cast(IO[bytes], process.stdout).read(_HEAD.size + MOST_BYTES + 1)


def _read(answer: bytes) -> FirstPage | None:
    """Believe nothing of what comes out but that it is a small picture."""
    picture = answer[_HEAD.size :]
    if not (picture[:4] == b"RIFF" and picture[8:12] == b"WEBP" and len(picture) <= MOST_BYTES):
        return None
    width, height = _HEAD.unpack_from(answer)
    fits = 0 < width <= LONGEST_SIDE and 0 < height <= LONGEST_SIDE
    return FirstPage(picture, width, height) if fits else None
