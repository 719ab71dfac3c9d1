"""Photos as phones send them, small and made here."""

from io import BytesIO

from PIL import Image, ImageDraw

GPS = 0x8825
MARK = "Lindeboog-MARK-7d1f"


def picture(width: int = 400, height: int = 300, colour: str = "#4488cc", mode: str = "RGB") -> Image.Image:
    """Return a picture whose upper left corner is red."""
    image = Image.new(mode, (width, height), colour)
    ImageDraw.Draw(image).rectangle((0, 0, width // 4, height // 4), fill="#ff0000")
    return image


def encoded(image: Image.Image, kind: str = "JPEG", **how: object) -> bytes:
    file = BytesIO()
    image.save(file, kind, **how)
    return file.getvalue()


def jpeg(colour: str = "#4488cc", width: int = 400, height: int = 300, **how: object) -> bytes:
    return encoded(picture(width, height, colour), **how)


def many(number: int) -> list[bytes]:
    """Return so many different photos."""
    return [jpeg(f"#{index * 37 % 256:02x}{index % 256:02x}{index // 256:02x}") for index in range(number)]


def with_everything(orientation: int = 6) -> bytes:
    """Return a photo with a place, a camera, a comment and a way up in it, each with the mark."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = MARK
    exif[0x9286] = MARK
    exif.get_ifd(GPS)[1] = "N"
    exif.get_ifd(GPS)[2] = (52.0, 5.0, 30.0)
    exif.get_ifd(GPS)[29] = MARK
    xmp = f"<x:xmpmeta xmlns:x='adobe:ns:meta/'>{MARK}</x:xmpmeta>".encode()
    return jpeg(exif=exif, comment=MARK, xmp=xmp)
