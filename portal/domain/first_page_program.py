"""Makes a small picture of the first page of a PDF, and nothing else: nothing of the portal is loaded.

PDFium reads in C++ what others made. So it runs in a process of its own, for one PDF (`first_pages.py` starts
it): it may use little memory and little time and open no file, and what it dies of costs one picture.
"""

import signal
import struct
import sys
from contextlib import suppress
from io import BytesIO

import pypdfium2
from PIL import Image

with suppress(ImportError):
    import resource

LONGEST_SIDE = 256
MOST_POINTS = 14_400
"""The largest page that PDF knows: 200 inches."""

MEMORY = 150_000_000
SECONDS = 3
HEAD = struct.Struct(">HH")


def picture_of(content: bytes) -> bytes:
    """Return width, height and a WebP picture of the first page. Raises anything when there is none."""
    document = pypdfium2.PdfDocument(content)
    page = document[0]
    width, height = page.get_size()
    if not (0 < width <= MOST_POINTS and 0 < height <= MOST_POINTS):
        raise ValueError
    image = page.render(scale=LONGEST_SIDE / max(width, height)).to_pil().convert("RGB")
    # A page as narrow as a thread has no picture that says anything.
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return HEAD.pack(*image.size) + _saved(image)


def _saved(image: Image.Image) -> bytes:
    file = BytesIO()
    image.save(file, "WEBP", quality=70, method=4)
    return file.getvalue()


def _shut_in() -> None:
    """Let this process have nothing from here on but what it holds: no file, no network, little time."""
    # What is loaded at its first use is loaded before.
    _saved(Image.new("RGB", (8, 8)))
    pypdfium2.PdfDocument.new().close()
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    with suppress(NameError, ValueError):
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


def main() -> None:
    """Read a PDF from the one pipe, and write its picture to the other; nothing when it has none."""
    content = sys.stdin.buffer.read()
    _shut_in()
    with suppress(Exception):
        sys.stdout.buffer.write(picture_of(content))


if __name__ == "__main__":
    main()
