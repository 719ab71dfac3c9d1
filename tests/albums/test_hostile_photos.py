"""SAFETY 16: files made to do harm are refused or become a plain picture, quickly and in little memory."""

import struct
import time
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from portal.domain import darkroom, photos
from portal.domain.photos import BROKEN, OTHER_KIND, TOO_LARGE, Unusable
from portal.models.albums import Photo
from tests.albums.pictures import MARK, encoded, jpeg, picture, with_everything
from tests.bombs import packed
from tests.material import material

SECONDS = 5.0
MOST_MEMORY = 200_000
SCRIPT = b"<html><script>alert(document.domain)</script></html>"


DRAWING = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png_bomb(width: int, height: int) -> bytes:
    """Return a PNG of a few kilobytes that says it has so many pixels, and has them."""
    data = packed(b"\0", (width * 3 + 1) * height)
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def png_with_text_bomb() -> bytes:
    """Return a small PNG with a comment that is 60 MB when it is unpacked."""
    plain = encoded(picture(), "PNG")
    text = chunk(b"zTXt", b"Comment\0\0" + packed(b"x", 60_000_000))
    return plain[:33] + text * 5 + plain[33:]


def webp_that_says(side: int) -> bytes:
    """Return the head of a WebP that says how wide and high it is, and little more."""
    plain = bytearray(encoded(picture(50, 50), "WEBP", lossless=True))
    plain[21:25] = struct.pack("<I", (side - 1) | (side - 1) << 14)
    return bytes(plain)


def apng_of_many_frames() -> bytes:
    frames = [picture(300, 300, f"#{number:02x}0000") for number in range(200)]
    return encoded(frames[0], "PNG", save_all=True, append_images=frames[1:], duration=10)


def huge_jpeg() -> bytes:
    return jpeg().replace(b"\x01\x2c\x01\x90", b"\xff\xf0\xff\xf0")


OWN = {
    "a page that is called a photo": (lambda: SCRIPT, OTHER_KIND),
    "a page behind the head of a GIF": (lambda: b"GIF89a/*" + SCRIPT, OTHER_KIND),
    "a drawing with a script": (lambda: DRAWING, OTHER_KIND),
    "a page behind the head of a JPEG": (lambda: b"\xff\xd8\xff\xe0" + SCRIPT, BROKEN),
    "a JPEG that stops half way": (lambda: jpeg(width=1500, height=1500)[:5000], BROKEN),
    "a PNG that stops half way": (lambda: encoded(picture(900, 900), "PNG")[:-400], BROKEN),
    "a PNG of 400 million pixels": (lambda: png_bomb(20_000, 20_000), TOO_LARGE),
    "a PNG of 49 million pixels": (lambda: png_bomb(7_000, 7_000), TOO_LARGE),
    "a PNG of nothing": (lambda: png_bomb(0, 0), BROKEN),
    "a JPEG that says it is huge": (huge_jpeg, TOO_LARGE),
    "a PNG with a bomb for a comment": (png_with_text_bomb, BROKEN),
    "a WebP of 100 million pixels": (lambda: webp_that_says(10_000), BROKEN),
}  # fmt: skip
HARMLESS = {
    "a photo with a page behind it": lambda: jpeg() + SCRIPT,
    "a photo with a page in its comment": lambda: jpeg(comment=SCRIPT),
    "a photo with a place": with_everything,
    "a photo with a broken profile": lambda: jpeg(icc_profile=b"\0" * 500),
    "a photo with a broken EXIF": lambda: jpeg(exif=b"Exif\0\0II*\0\xff\xff\xff\xff"),
    "a picture of many frames": apng_of_many_frames,
}


def test_a_bomb_is_what_it_says():
    for byte, size in ((b"\0", 0), (b"\0", 7), (b"x", 3_000_001)):
        assert zlib.decompress(packed(byte, size)) == byte * size


def develop(content: bytes) -> tuple[str, photos.Prepared | None, float, int]:
    """Return why there is no photo or the photo, the seconds it took, and the most kilobytes it had."""
    start = time.monotonic()
    with darkroom.Darkroom() as room:
        reason, made = "", None
        try:
            made = room.develop(content)
        except Unusable as failure:
            reason = failure.reason
        seconds = time.monotonic() - start
        memory = 0
        if room._process is not None:
            status = Path(f"/proc/{room._process.pid}/status").read_text()
            memory = int(status.partition("VmHWM:")[2].split()[0])
    return reason, made, seconds, memory


@pytest.mark.parametrize("name", OWN)
def test_what_is_no_photo_is_refused(name):
    make, expected = OWN[name]
    content = make()
    reason, made, seconds, memory = develop(content)
    print(f"{name}: {reason}, {len(content)} bytes, {seconds:.2f} s, {memory / 1000:.0f} MB")
    assert (reason, made) == (expected, None)
    assert seconds < SECONDS
    assert memory < MOST_MEMORY


@pytest.mark.parametrize("name", HARMLESS)
def test_what_is_a_photo_becomes_nothing_but_a_picture(name):
    check(name, HARMLESS[name]())


def check(name: str, content: bytes) -> None:
    reason, made, seconds, memory = develop(content)
    print(f"{name}: {reason or 'made'}, {seconds:.2f} s, {memory / 1000:.0f} MB")
    assert seconds < SECONDS
    assert memory < MOST_MEMORY
    if made is None:
        assert reason
        return
    for data in (made.picture, made.thumbnail):
        assert b"script" not in data
        assert MARK.encode() not in data
        with Image.open(BytesIO(data)) as image:
            assert not image.getexif()
            assert image.format in ("JPEG", "WEBP")
            assert {"exif", "xmp", "comment", "icc_profile"} & set(image.info) == set()


def test_the_files_of_others_are_no_harm_either():
    folder = material("hostile", "images")
    files = [path for path in sorted(folder.iterdir()) if path.suffix in (".jpg", ".png", ".gif", ".webp")]
    assert len(files) > 5
    for path in files:
        check(path.name, path.read_bytes())
    _reason, made, _seconds, _memory = develop((folder / "hopper_orientation_6.jpg").read_bytes())
    assert made is not None
    assert made.width and made.height


def test_endless_work_is_ended(monkeypatch, tmp_path):
    """The processor's time of a photo is limited whatever it is that takes it: here, a loop without end."""
    program = tmp_path / "photos.py"
    source = Path(photos.__file__).read_text().replace(
        'if __name__ == "__main__":',
        'def prepare(content):\n    while True:\n        pass\n\n\nSECONDS = 0.3\nif __name__ == "__main__":',
    )  # fmt: skip
    program.write_text(source)
    monkeypatch.setattr(photos, "__file__", str(program))
    reason, made, seconds, _memory = develop(jpeg())
    assert (reason, made) == (BROKEN, None)
    assert seconds < SECONDS


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
@pytest.mark.parametrize("engine", ["sqlite"])
def test_no_page_is_ever_answered_in_the_place_of_a_photo(tess, send, work, rows):
    named = [(f"{number}.jpg", make()) for number, (make, _why) in enumerate(OWN.values())]
    named += [(f"<img src=x onerror=alert(1)>{n}.jpg", make()) for n, make in enumerate(HARMLESS.values())]
    answer = send(tess, *named)
    assert answer.status_code == 422
    assert "<img src=x" not in answer.text
    work()
    assert [photo.failure for photo in rows(Photo)].count("") == len(HARMLESS)
    for photo in rows(Photo):
        for size in ("picture", "thumbnail"):
            sent = tess.get(f"/photos/{photo.id}/{size}")
            assert sent.status_code == (404 if photo.failure else 200)
            if not photo.failure:
                assert sent.content_type in ("image/jpeg", "image/webp")
                assert b"script" not in sent.data
