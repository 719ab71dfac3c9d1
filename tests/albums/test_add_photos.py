"""POST /albums/<album>/photos: many photos at once, with script and without."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
from PIL import Image

from portal import clock
from portal.access import Viewer
from portal.blueprints.albums import uploads
from portal.domain import albums
from portal.domain.photos import LARGEST_FILE
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.models.albums import Album, Photo, PhotoFile
from tests.albums.pictures import MARK, encoded, jpeg, many, picture, with_everything

AS_SCRIPT = {"Accept": "application/json", "HX-Request": "true"}
HEIC = b"\0\0\0\x18ftypheic" + b"\0" * 200


def test_many_are_added_at_once_and_made_by_the_worker(tess, album, send, work, rows):
    answer = send(tess, *many(5))
    assert (answer.status_code, answer.location) == (303, f"/albums/{album}")
    page = tess.get(answer.location).text
    assert "5 foto’s zijn toegevoegd." in page
    assert page.count("wordt klaargemaakt") == 5
    assert {file.size for file in rows(PhotoFile)} == {"incoming"}
    work()
    assert [photo.position for photo in rows(Photo)] == [0, 1, 2, 3, 4]
    assert all(photo.ready_at and not photo.failure for photo in rows(Photo))
    assert sorted(file.size for file in rows(PhotoFile)) == ["picture"] * 5 + ["thumbnail"] * 5
    assert "wordt klaargemaakt" not in tess.get(f"/albums/{album}").text


def test_nothing_of_where_when_and_with_what_is_left_and_it_stands_upright(tess, send, work, rows):
    assert MARK.encode() in with_everything()
    send(tess, with_everything(orientation=6))
    work()
    for size in ("picture", "thumbnail"):
        data = tess.get(f"/photos/{rows(Photo)[0].id}/{size}").data
        assert MARK.encode() not in data
        with Image.open(BytesIO(data)) as image:
            assert not image.getexif()
            assert {"exif", "xmp", "comment", "icc_profile"} & set(image.info) == set()
            # Turned a quarter to the right: the red corner is now at the upper right.
            assert image.size == ((300, 400) if size == "picture" else (240, 320))
            red, _green, blue = image.convert("RGB").getpixel((image.width - 9, 9))
            assert red > 200 > 60 > blue


KINDS = ["PNG RGBA", "PNG P", "PNG LA", "PNG I;16", "WEBP RGB", "WEBP RGBA", "JPEG CMYK", "JPEG L"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_picture_becomes_one(tess, send, work, rows, kind):
    kind, _, mode = kind.partition(" ")
    grey = picture(500, 300).convert("L")
    image = Image.new("I;16", (500, 300), 40_000) if mode == "I;16" else grey.convert(mode)
    send(tess, ("whatever.txt", encoded(image, kind)))
    work()
    [photo] = rows(Photo)
    assert (photo.width, photo.height, photo.failure) == (500, 300, "")
    with Image.open(BytesIO(tess.get(f"/photos/{photo.id}/picture").data)) as made:
        assert (made.format, made.mode) == ("JPEG", "RGB")


def test_large_ones_are_made_small(tess, send, work, rows):
    send(tess, jpeg(width=4000, height=3000))
    work()
    [photo] = rows(Photo)
    with Image.open(BytesIO(tess.get(f"/photos/{photo.id}/picture").data)) as picture_:
        assert picture_.size == (1600, 1200)
    with Image.open(BytesIO(tess.get(f"/photos/{photo.id}/thumbnail").data)) as thumbnail:
        assert (thumbnail.size, thumbnail.format) == ((320, 240), "WEBP")


def test_the_same_photo_twice_is_one(tess, send, rows):
    photo = jpeg()
    send(tess, photo, photo)
    answer = send(tess, photo, jpeg("#112233"))
    assert len(rows(Photo)) == 2
    assert "1 foto is toegevoegd. 1 stond al in het album." in tess.get(answer.location).text


def test_bad_files_are_named_one_by_one_and_the_others_stay(tess, send, rows):
    answer = send(
        tess,
        jpeg(),
        ("IMG_0001.HEIC", HEIC),
        ("brief.jpg", b"<html><script>alert(1)</script></html>"),
        ("leeg.jpg", b""),
        ("plaatje.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("anim.gif", encoded(picture(), "GIF")),
        ("half.jpg", jpeg()[:30]),
    )
    assert answer.status_code == 422
    assert len(rows(Photo)) == 1
    assert "1 foto is toegevoegd." in answer.text
    for name in ("IMG_0001.HEIC", "brief.jpg", "leeg.jpg", "plaatje.svg", "anim.gif", "half.jpg"):
        assert name in answer.text
    assert "HEIC-foto" in answer.text
    assert "Dit is geen foto" in answer.text


def test_a_file_that_is_too_large_is_refused_in_words(tess, send, rows):
    answer = send(tess, ("groot.jpg", jpeg() + b"\0" * LARGEST_FILE), jpeg("#123123"))
    assert answer.status_code == 422
    assert "groter dan 15 MB" in answer.text
    assert len(rows(Photo)) == 1


def test_choosing_nothing_says_so(tess, album):
    answer = tess.post(f"/albums/{album}/photos", data={})
    assert answer.status_code == 422
    assert "Kies ten minste één foto." in answer.text


def test_a_page_with_script_sends_one_by_one_and_is_told_shortly(tess, send, rows):
    mark = "ab" * 32
    first = send(tess, jpeg(), headers=AS_SCRIPT, position=7, fingerprint=mark)
    assert (first.status_code, first.json) == (201, {"added": 1})
    again = send(tess, jpeg("#654321"), headers=AS_SCRIPT, position=9, fingerprint=mark)
    assert (again.status_code, again.json) == (200, {"added": 0})
    bad = send(tess, ("a.heic", HEIC), headers=AS_SCRIPT)
    assert bad.status_code == 422
    assert "HEIC" in bad.json["problem"]
    [photo] = rows(Photo)
    assert (photo.position, photo.fingerprint) == (7, mark)


ODD = [{"position": "x"}, {"position": -5}, {"position": 10**12}, {"fingerprint": "'--"}]


@pytest.mark.parametrize("fields", ODD)
def test_odd_words_beside_a_photo_do_no_harm(tess, send, rows, fields):
    assert send(tess, jpeg(), headers=AS_SCRIPT, **fields).status_code == 201
    [photo] = rows(Photo)
    assert 0 <= photo.position <= uploads.LAST_POSITION
    assert len(photo.fingerprint) == 64


def test_what_was_sent_at_once_is_in_the_order_of_the_phone(tess, album, send, work, rows):
    photos = many(3)
    for position in (2, 0, 1):
        send(tess, photos[position], headers=AS_SCRIPT, position=position)
    work()
    page = tess.get(f"/albums/{album}").text
    last, first, middle = (page.index(f"/photos/{photo.id}/thumbnail") for photo in rows(Photo))
    assert first < middle < last


def test_an_album_has_an_end(tess, send, rows, monkeypatch):
    monkeypatch.setattr(albums, "MOST_PHOTOS", 2)
    answer = send(tess, *many(3))
    assert answer.status_code == 409
    assert "Dit album is vol" in answer.text
    assert len(rows(Photo)) == 2


def test_a_photo_that_could_not_be_made_can_be_sent_again(tess, send, work, rows):
    broken = jpeg(width=1200)[:4000]
    send(tess, broken)
    work()
    assert rows(Photo)[0].failure == "broken"
    send(tess, broken)
    [photo] = rows(Photo)
    assert (photo.failure, photo.attempts) == ("", 0)


def test_only_who_works_at_school_may_send_much(client_for, school, tess, send, rows):
    big = jpeg() + b"\0" * 2_000_000
    assert send(client_for(school.anna), big).status_code == 413
    assert send(client_for(school.anna), jpeg()).status_code == 404
    assert send(client_for(school.yara), big).status_code == 404
    assert rows(Photo) == []
    assert send(tess, big).status_code == 303


def test_photos_that_come_in_together_are_counted_right(app, school, album, rows, monkeypatch):
    monkeypatch.setattr("portal.domain.albums.MOST_PHOTOS", 5)
    photos = [albums.take_in(photo) for photo in many(8)]
    together = threading.Barrier(len(photos))

    def add(photo: albums.Incoming) -> bool:
        with app.app_context():
            together.wait(30)
            start_writing()
            try:
                loaded = db.session.get_one(Album, album)
                added = albums.add_photo(loaded, photo, Viewer(school.tess.id, "teacher"), clock.now())
            except Refused:
                return False
            # Whoever counts without a lock does so before this is over.
            time.sleep(0.1)
            db.session.commit()
            return added

    with ThreadPoolExecutor(len(photos)) as pool:
        assert sum(pool.map(add, photos)) == 5
    assert sorted(photo.position for photo in rows(Photo)) == [0, 1, 2, 3, 4]
