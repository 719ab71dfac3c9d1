"""GET /groups/<group>/albums and /albums/<album>: parents see what school shows, school sees all."""

import re

import pytest

from portal.extensions import db, start_writing
from portal.models.albums import Album, Photo, PhotoFile
from tests.albums.pictures import jpeg, many

MOST_BYTES = 60_000


def test_a_draft_is_for_school_only(client_for, school, album, filled):
    numbers = filled(jpeg(), shown=False)
    addresses = [f"/albums/{album}", f"/photos/{numbers[0]}", f"/photos/{numbers[0]}/picture"]
    for address in addresses:
        assert client_for(school.anna).get(address).status_code == 404, address
        assert client_for(school.tim).get(address).status_code == 200, address
    assert "Kinderboerderij" not in client_for(school.anna).get(f"/groups/{school.group_34}/albums").text
    assert "niet aan ouders getoond" in client_for(school.otto).get(f"/groups/{school.group_34}/albums").text


def test_once_shown_both_parents_see_it_and_hidden_again_they_do_not(client_for, school, album, tess, filled):
    filled(*many(3))
    for parent in (school.anna, school.daan):
        page = client_for(parent).get(f"/albums/{album}").text
        assert 'alt="Foto 3 van 3, Kinderboerderij"' in page
        assert "31 juli 2027" in page
        assert "Kinderboerderij" in client_for(parent).get(f"/groups/{school.group_34}").text
    tess.post(f"/albums/{album}/showing", data={"state": "hidden"})
    for parent in (school.anna, school.daan):
        assert client_for(parent).get(f"/albums/{album}").status_code == 404
        assert "Kinderboerderij" not in client_for(parent).get(f"/groups/{school.group_34}").text


def test_another_group_and_who_has_no_authority_see_nothing(client_for, school, yara_album):
    number = yara_album
    for person in (school.gert, school.daan, school.dora, school.tim):
        assert client_for(person).get(f"/albums/{number}").status_code == 404, person.given_name
        assert client_for(person).get(f"/groups/{school.group_6}/albums").status_code == 404
    for person in (school.anna, school.carl, school.tess, school.otto):
        assert client_for(person).get(f"/albums/{number}").status_code == 200, person.given_name
    # A teacher who is a parent of the group is a parent there.
    assert client_for(school.tess).post(f"/albums/{number}/removal").status_code == 403


@pytest.fixture
def yara_album(client_for, school, send, work, rows) -> int:
    """The number of an album of group 6 that parents see."""
    yara = client_for(school.yara)
    yara.post(f"/groups/{school.group_6}/albums/new", data={"title": "Schaatsen"})
    number = rows(Album)[-1].id
    send(yara, jpeg(), to=number)
    work()
    yara.post(f"/albums/{number}/showing", data={"state": "shown"})
    return number


def test_an_album_without_photos_is_not_shown(tess, album, rows):
    answer = tess.post(f"/albums/{album}/showing", data={"state": "shown"})
    assert answer.status_code == 409
    assert "nog geen foto" in answer.text
    assert rows(Album)[-1].shown_at is None


def test_a_title_is_needed_and_what_was_typed_stays(tess, album, school, rows):
    long = "x" * 81
    for title in ("", "   ", long):
        answer = tess.post(f"/groups/{school.group_34}/albums/new", data={"title": title})
        assert answer.status_code == 422
    assert long in answer.text
    assert tess.post(f"/albums/{album}/details", data={"title": ""}).status_code == 422
    assert tess.post(f"/albums/{album}/details", data={"title": "<b>Bos</b>"}).status_code == 303
    assert "&lt;b&gt;Bos&lt;/b&gt;" in tess.get(f"/albums/{album}").text
    assert len(rows(Album)) == 1


def test_the_page_is_told_what_became_ready(tess, album, send, work, rows):
    send(tess, *many(2))
    page = tess.get(f"/albums/{album}").text
    address = re.search(r'data-hx-get="([^"]+)"', page).group(1).replace("&amp;", "&")
    assert tess.get(address).status_code == 204
    work()
    send(tess, jpeg("#0f0f0f"), jpeg("#0e0e0e"), jpeg("#0d0d0d"))
    part = tess.get(address).text
    assert "3 foto’s worden klaargemaakt" in part
    assert part.count("data-hx-swap-oob") == part.count("<img") == 2
    assert "<h1" not in part
    work()
    done = tess.get(address)
    assert done.headers["HX-Retarget"] == "#photos"
    assert done.text.count("<img") == 5
    assert "data-hx-get" not in done.text


def put_photos(app, album: int, number: int, size: int = 1000) -> None:
    """Put photos into an album that a worker has made."""
    with app.app_context():
        start_writing()
        made = db.session.get_one(Album, album)
        made.shown_at = made.made_at
        facts = {"album_id": album, "added_by": made.made_by, "added_at": made.made_at}
        photos = [
            Photo(fingerprint=f"{i:064}", position=i, ready_at=made.made_at, width=1600, height=1200, **facts)
            for i in range(number)
        ]
        db.session.add_all(photos)
        db.session.flush()
        for photo in photos:
            db.session.add(PhotoFile(photo_id=photo.id, size="thumbnail", content=b"x" * size))
        db.session.commit()


def test_the_page_with_300_photos_stays_under_60_kilobytes(app, client_for, school, album):
    put_photos(app, album, 300)
    for person in (school.anna, school.tess):
        client = client_for(person)
        page = client.get(f"/albums/{album}").text
        packed = client.get(f"/albums/{album}", headers={"Accept-Encoding": "gzip"}).data
        print(f"{person.given_name}: {len(page.encode())} bytes, {len(packed)} compressed")
        assert page.count('loading="lazy"') == page.count('width="320" height="240"') == 300
        assert len(page.encode()) < MOST_BYTES
        assert len(packed) < 12_000


@pytest.mark.parametrize(
    "path", ["/albums/{album}", "/groups/{group}/albums", "/groups/{group}", "/photos/{photo}"]
)
def test_the_number_of_queries_does_not_grow(app, client_for, school, album, rows, count_queries, path):
    counts = []
    for number in (2, 40):
        with app.app_context():
            start_writing()
            db.session.query(Photo).delete()
            db.session.commit()
        put_photos(app, album, number)
        if number == 40:
            for extra in range(6):
                client_for(school.tess).post(
                    f"/groups/{school.group_34}/albums/new", data={"title": f"Album {extra}"}
                )
        address = path.format(album=album, group=school.group_34, photo=rows(Photo)[-1].id)
        for person in (school.anna, school.tess):
            client = client_for(person)
            client.get(address)
            with count_queries() as queries:
                assert client.get(address).status_code == 200
            counts.append(len(queries))
    assert counts[:2] == counts[2:], counts
    assert max(counts) <= 14
