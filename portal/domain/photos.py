"""What is done to a picture, and nothing else: no database, no Flask, nothing of the portal.

Pillow decodes in C what strangers send. So pictures are made in a process of its own, which runs this file
as a program (`darkroom.py` starts it): it may use little memory and little time, and when it dies, it is one
photo that was lost.
"""

import signal
import struct
import sys
import warnings
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from typing import IO

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

with suppress(ImportError):
    import resource

FORMATS = ("JPEG", "PNG", "WEBP")
LARGEST_FILE = 15_000_000
MOST_PIXELS = 50_000_000
MOST_PROGRESSIVE = 20_000_000
MOST_WEBP = 10_000_000
"""Of these two kinds all of it must be in memory to make any of it."""

PICTURE, THUMBNAIL = 1600, 320
PICTURE_TYPE, THUMBNAIL_TYPE = "image/jpeg", "image/webp"
MEMORY = 180_000_000
SECONDS = 5.0

HEIC, OTHER_KIND, TOO_LARGE, BROKEN = "heic", "kind", "large", "broken"
"""Why there is no photo: a kind of an iPhone, another kind of file, too many pixels, not to be read."""

_HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1")
_LENGTH = struct.Struct(">I")
_MADE = struct.Struct(">HHII")
_ORIENTATION = 0x0112

Image.MAX_IMAGE_PIXELS = MOST_PIXELS
warnings.filterwarnings("ignore", category=UserWarning, module="PIL")
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


class Unusable(Exception):
    """No photo can be made of this; `reason` says why, in a word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Prepared:
    """A photo as it is kept: width and height are those of the picture."""

    picture: bytes
    thumbnail: bytes
    width: int
    height: int


def look_at(content: bytes) -> None:
    """Tell by the beginning of the content whether it can be a photo. Raises Unusable when not."""
    with _opened(content):
        pass


def prepare(content: bytes) -> Prepared:
    """Make the picture and the thumbnail anew from the pixels: EXIF, GPS, comments and profiles stay behind.

    Raises Unusable.
    """
    try:
        with _opened(content) as image:
            turned = image.getexif().get(_ORIENTATION)
            profile = image.info.get("icc_profile")
            # A JPEG is read at a half, a quarter or an eighth at once: that is what keeps it small in memory.
            image.draft("RGB", _fitting(image.size))
            image.thumbnail((PICTURE, PICTURE), Image.Resampling.LANCZOS, reducing_gap=2.0)
            picture = _turned(_plain(image, profile), turned)
    except Unusable:
        raise
    except (MemoryError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Unusable(TOO_LARGE) from None
    except Exception:
        raise Unusable(BROKEN) from None
    small = picture.copy()
    small.thumbnail((THUMBNAIL, THUMBNAIL), Image.Resampling.LANCZOS)
    return Prepared(
        _saved(picture, "JPEG", quality=80, progressive=True, optimize=True),
        _saved(small, "WEBP", quality=70, method=4),
        *picture.size,
    )


def _opened(content: bytes) -> Image.Image:
    """Return the image with nothing but its head read."""
    try:
        image = Image.open(BytesIO(content), formats=FORMATS)
    except UnidentifiedImageError:
        raise Unusable(_kind_of(content)) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Unusable(TOO_LARGE) from None
    except Exception:
        raise Unusable(BROKEN) from None
    if not all(image.size):
        raise Unusable(BROKEN)
    if image.width * image.height > _most_pixels(image):
        raise Unusable(TOO_LARGE)
    return image


def _most_pixels(image: Image.Image) -> int:
    if image.format == "WEBP":
        return MOST_WEBP
    return MOST_PROGRESSIVE if "progressive" in image.info else MOST_PIXELS


def _fitting(size: tuple[int, int]) -> tuple[int, int]:
    """Return the size of the picture that is made of one with this size."""
    shrink = min(1.0, PICTURE / max(size))
    return round(size[0] * shrink), round(size[1] * shrink)


def _kind_of(content: bytes) -> str:
    """Return why nobody knows this content: what begins as one of ours and goes wrong is broken."""
    if content[4:8] == b"ftyp" and content[8:12] in _HEIC_BRANDS:
        return HEIC
    known = content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")) or content[8:12] == b"WEBP"
    return BROKEN if known else OTHER_KIND


def _plain(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return the pixels as sRGB on white, in an image that knows nothing of the file."""
    if image.mode.startswith(("I", "F")):
        image = image.point(lambda value: value / 256).convert("L")
    if profile and image.mode in ("RGB", "CMYK"):
        with suppress(Exception):
            srgb = ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(image, BytesIO(profile), srgb, outputMode="RGB")
            image = converted or image
    plain = Image.new("RGB", image.size, "white")
    if "A" in image.mode or "transparency" in image.info:
        seen = image.convert("RGBA")
        plain.paste(seen, mask=seen)
    else:
        plain.paste(image.convert("RGB"))
    return plain


def _turned(image: Image.Image, orientation: object) -> Image.Image:
    """Return the image as the camera was held."""
    if orientation not in range(2, 9):
        return image
    exif = Image.Exif()
    exif[_ORIENTATION] = orientation
    image.info["exif"] = exif.tobytes()
    turned = ImageOps.exif_transpose(image)
    turned.info.clear()
    return turned


def _saved(image: Image.Image, kind: str, **how: object) -> bytes:
    file = BytesIO()
    image.save(file, kind, **how)
    return file.getvalue()


# --- as a program -------------------------------------------------------------------------------------------


def main() -> None:
    """Read photos from the one pipe and write what became of them to the other, until there are no more."""
    # It ends when its pipe does, so that a photo in hand is finished.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A worker that was killed wants no answer any more.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    with suppress(NameError, ValueError):
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while head := sys.stdin.buffer.read(_LENGTH.size):
        content = sys.stdin.buffer.read(_LENGTH.unpack(head)[0])
        # Whatever C code is at work then: the signal ends this process.
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        answer = _answer_to(content)
        signal.setitimer(signal.ITIMER_PROF, 0)
        sys.stdout.buffer.write(answer)
        sys.stdout.buffer.flush()


def _answer_to(content: bytes) -> bytes:
    try:
        made = prepare(content)
    except Unusable as failure:
        return b"-" + failure.reason.encode().ljust(_MADE.size)
    sizes = _MADE.pack(made.width, made.height, len(made.picture), len(made.thumbnail))
    return b"+" + sizes + made.picture + made.thumbnail


def send(content: bytes, pipe: IO[bytes]) -> None:
    """Hand a photo to the program at the other end of the pipe."""
    pipe.write(_LENGTH.pack(len(content)))
    pipe.write(content)
    pipe.flush()


def receive(pipe: IO[bytes]) -> Prepared:
    """Return what became of it. Raises Unusable, and EOFError when the program is no longer there."""
    sign, head = pipe.read(1), pipe.read(_MADE.size)
    if len(head) < _MADE.size:
        raise EOFError
    if sign != b"+":
        raise Unusable(head.decode().strip())
    width, height, picture, thumbnail = _MADE.unpack(head)
    made = Prepared(pipe.read(picture), pipe.read(thumbnail), width, height)
    if len(made.thumbnail) < thumbnail:
        raise EOFError
    return made


if __name__ == "__main__":
    main()
