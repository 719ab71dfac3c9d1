"""An album of group 3/4 and what fills it."""

import threading
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import delete, update
from werkzeug.test import TestResponse

from portal import photo_maker
from portal.extensions import db, start_writing
from portal.models.albums import Album, Photo


@pytest.fixture
def school(app, school):
    """The school of the cast without the album that it has."""
    with app.app_context():
        start_writing()
        db.session.execute(delete(Album))
        db.session.commit()
    return school


@pytest.fixture
def tess(client_for, school):
    """The teacher of 3/4."""
    return client_for(school.tess)


@pytest.fixture
def album(tess, school, rows) -> int:
    """The number of an album of 3/4 with nothing in it."""
    made = tess.post(f"/groups/{school.group_34}/albums/new", data={"title": "Kinderboerderij"})
    assert made.status_code == 303
    return rows(Album)[-1].id


@pytest.fixture
def send(album) -> Callable[..., TestResponse]:
    """Sends photos to the album as the form does: `send(client, jpeg(), ("x.png", data))`."""

    def send_photos(client: Any, *photos: bytes | tuple[str, bytes], to: int = 0, **fields: Any):
        named = [photo if isinstance(photo, tuple) else (f"IMG_{number}.jpg", photo)
                 for number, photo in enumerate(photos)]  # fmt: skip
        files = [(BytesIO(content), name) for name, content in named]
        headers = fields.pop("headers", {})
        data = {"photos": files} | fields
        answer = client.post(f"/albums/{to or album}/photos", data=data, headers=headers)
        # What is too large for memory was a file of the client, which does not close it.
        answer.request.environ["wsgi.input"].close()
        return answer

    return send_photos


@pytest.fixture
def work(app) -> Callable[[], None]:
    """Lets a worker make all photos that wait."""

    def make_all() -> None:
        with app.app_context():
            photo_maker.make_due_photos(threading.Event())

    return make_all


@pytest.fixture
def filled(tess, album, send, work, rows) -> Callable[..., list[int]]:
    """Fills the album with these photos, made; shown to the parents. Returns their numbers."""

    def fill(*photos: bytes, shown: bool = True) -> list[int]:
        assert send(tess, *photos).status_code == 303
        work()
        if shown:
            tess.post(f"/albums/{album}/showing", data={"state": "shown"})
        return [photo.id for photo in rows(Photo)]

    return fill


@pytest.fixture
def change(app) -> Callable[..., None]:
    """Changes rows behind the portal's back: `change(Guardianship, condition, user_id=3)`."""

    def change_some(model: Any, condition: Any, **values: Any) -> None:
        with app.app_context():
            start_writing()
            db.session.execute(update(model).where(condition).values(**values))
            db.session.commit()

    return change_some
