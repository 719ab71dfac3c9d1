"""The photo albums of the demo school: drawn, the same ones every time, and a few only."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from io import BytesIO
from random import Random

from PIL import Image, ImageDraw
from sqlalchemy import insert

from portal.domain.demo.calendar_years import DemoYear
from portal.domain.demo.plan import Plan
from portal.domain.photo_work import PICTURE, THUMBNAIL
from portal.domain.photos import prepare
from portal.extensions import db
from portal.models.albums import Album, Photo, PhotoFile

SIZES = ((800, 600), (600, 800), (800, 520))
SKIES = ("#bfe3f5", "#f9e2b8", "#d7e8f7", "#f4d9d0")
FIELDS = ("#7fb069", "#a3b86c", "#5f9e6e", "#c2b280")
COLOURS = ("#e4572e", "#f3a712", "#29335c", "#8a4fff", "#db2b39", "#17bebb", "#ffffff", "#6b4226")
ALBUMS = (
    # title, which of ouder1's children, photos, days ago, whether parents see it
    ("Kinderboerderij", 0, 12, 12, True),
    ("Herfstwandeling", 1, 9, 26, True),
    ("Surprises knutselen", 0, 5, 1, False),
)


def write_albums(plan: Plan, year: DemoYear, now: datetime) -> None:
    """Write the albums of the groups in which ouder1 has a child."""
    for number, (title, child, count, ago, shown) in enumerate(ALBUMS):
        group = plan.children[child].group
        made_at = now - timedelta(days=ago, hours=3)
        teacher = plan.groups[group].teachers[0][0]
        album = Album(
            group_id=year.groups[group],
            title=title,
            made_by=teacher.id,
            made_at=made_at,
            shown_at=made_at + timedelta(minutes=20) if shown else None,
        )
        db.session.add(album)
        db.session.flush()
        for position, content in enumerate(drawings(Random(number), count)):  # noqa: S311
            _write_photo(album, position, content, made_at)


def _write_photo(album: Album, position: int, content: bytes, added_at: datetime) -> None:
    made = prepare(content)
    photo = Photo(
        album_id=album.id,
        fingerprint=sha256(content).hexdigest(),
        position=position,
        added_by=album.made_by,
        added_at=added_at,
        ready_at=added_at + timedelta(seconds=1),
        width=made.width,
        height=made.height,
    )
    db.session.add(photo)
    db.session.flush()
    files = ((PICTURE, made.picture), (THUMBNAIL, made.thumbnail))
    db.session.execute(
        insert(PhotoFile), [{"photo_id": photo.id, "size": size, "content": data} for size, data in files]
    )


def drawings(random: Random, count: int) -> Iterator[bytes]:
    """Yield landscapes with animals, as far as circles can be animals."""
    for number in range(count):
        width, height = SIZES[number % len(SIZES)]
        image = Image.new("RGB", (width, height), random.choice(SKIES))
        draw = ImageDraw.Draw(image)
        horizon = height * random.randrange(40, 65) // 100
        draw.rectangle((0, horizon, width, height), fill=random.choice(FIELDS))
        draw.ellipse((width - 200, 40, width - 80, 160), fill="#ffd166")
        for _animal in range(random.randrange(2, 6)):
            _draw_animal(draw, random, width, horizon, height)
        file = BytesIO()
        image.save(file, "JPEG", quality=92)
        yield file.getvalue()


def _draw_animal(draw: ImageDraw.ImageDraw, random: Random, width: int, horizon: int, height: int) -> None:
    size = random.randrange(50, 130)
    left, foot = random.randrange(0, width - size * 2), random.randrange(horizon + 40, height)
    colour = random.choice(COLOURS)
    for leg in (0.3, 0.6, 1.2, 1.5):
        draw.rectangle((left + size * leg, foot - size * 0.6, left + size * (leg + 0.12), foot), fill=colour)
    draw.ellipse((left, foot - size * 1.3, left + size * 1.8, foot - size * 0.4), fill=colour)
    draw.ellipse(
        (left + size * 1.4, foot - size * 1.7, left + size * 2.1, foot - size), fill=colour, outline="#333"
    )
    draw.ellipse(
        (left + size * 1.75, foot - size * 1.5, left + size * 1.85, foot - size * 1.4), fill="#111111"
    )
