"""Photos and albums are taken away after a question, and at the end of the school year by the worker."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import update

from portal import clock
from portal.access import Viewer
from portal.domain import albums
from portal.domain.albums import last_day_of_albums
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.models.albums import Album, Photo, PhotoFile
from portal.models.audit import AuditEntry
from portal.models.roster import Group
from portal.worker import run_jobs
from tests.albums.pictures import jpeg, many


def test_several_photos_go_after_a_question(tess, school, album, filled, rows, jobs_at):
    first, second, third = filled(*many(3))
    address = f"/albums/{album}/photos/removal"
    assert tess.get(f"{address}?photo={second}").text.count("checked") == 1
    asked = tess.post(address, data={"photo": [first, third]})
    assert asked.status_code == 200
    assert "Deze 2 foto’s weghalen?" in asked.text
    assert len(rows(Photo)) == 3
    done = tess.post(address, data={"photo": [first, third], "sure": "1"})
    assert done.location == f"/albums/{album}"
    assert [photo.id for photo in rows(Photo) if not photo.removed_at] == [second]
    for gone in (first, third):
        assert tess.get(f"/photos/{gone}/picture").status_code == 404
    assert "1 foto" in tess.get(f"/groups/{school.group_34}/albums").text
    assert f"/photos/{first}/" not in tess.get(f"/groups/{school.group_34}/albums").text
    jobs_at("2026-11-24 12:00")
    assert [photo.id for photo in rows(Photo)] == [second]
    assert {file.photo_id for file in rows(PhotoFile)} == {second}
    assert [entry.verb for entry in rows(AuditEntry)].count("remove_photo") == 2


def test_nothing_ticked_says_so_and_other_albums_are_out_of_reach(tess, school, album, filled, rows):
    [number] = filled(jpeg())
    assert tess.post(f"/albums/{album}/photos/removal", data={}).status_code == 422
    tess.post(f"/groups/{school.group_34}/albums/new", data={"title": "Tweede"})
    other = rows(Album)[-1].id
    for data in ({"photo": number}, {"photo": number, "sure": 1}, {"photo": [number, 999], "sure": 1}):
        assert tess.post(f"/albums/{other}/photos/removal", data=data).status_code == 404
    assert len(rows(Photo)) == 1


def test_an_album_goes_with_all_its_photos(tess, client_for, album, school, filled, rows, jobs_at):
    first, second = filled(*many(2))
    assert "2 foto’s" in tess.get(f"/albums/{album}/removal").text
    assert len(rows(Album)) == 1
    answer = tess.post(f"/albums/{album}/removal")
    assert answer.location == f"/groups/{school.group_34}/albums"
    for person in (school.tess, school.otto, school.anna):
        reader = client_for(person)
        assert reader.get(f"/albums/{album}").status_code == 404
        assert reader.get(f"/photos/{first}/thumbnail").status_code == 404
        for page in (f"/groups/{school.group_34}", f"/groups/{school.group_34}/albums"):
            assert "Kinderboerderij" not in reader.get(page).text
    jobs_at("2026-11-24 12:00")
    assert rows(Album) == rows(Photo) == rows(PhotoFile) == []


def test_what_was_removed_is_deleted_a_few_at_a_time(tess, album, send, rows, jobs_at, monkeypatch):
    monkeypatch.setattr("portal.domain.albums.DELETED_AT_ONCE", 2)
    send(tess, *many(5))
    tess.post(f"/albums/{album}/removal")
    assert len(rows(Photo)) == 5
    jobs_at("2026-11-24 12:00")
    assert rows(Album) == rows(Photo) == rows(PhotoFile) == []


def test_a_removed_photo_is_not_made_and_may_come_in_again(tess, album, send, work, rows, change, jobs_at):
    send(tess, jpeg())
    [first] = rows(Photo)
    tess.post(f"/albums/{album}/photos/removal", data={"photo": first.id, "sure": "1"})
    work()
    assert rows(Photo)[0].ready_at is None
    send(tess, jpeg())
    work()
    assert [(photo.removed_at is None, photo.ready_at is None) for photo in rows(Photo)] == [
        (False, True),
        (True, False),
    ]
    jobs_at("2026-11-24 12:00")
    assert len(rows(Photo)) == 1


def test_a_full_album_has_room_again(tess, album, send, rows, monkeypatch):
    monkeypatch.setattr("portal.domain.albums.MOST_PHOTOS", 1)
    send(tess, jpeg())
    assert "vol" in send(tess, jpeg("#123123")).text
    tess.post(f"/albums/{album}/photos/removal", data={"photo": rows(Photo)[0].id, "sure": "1"})
    assert send(tess, jpeg("#123123")).status_code == 303


def test_an_album_that_was_removed_meanwhile_takes_no_photo(app, school, album, change, rows):
    with app.app_context():
        start_writing()
        loaded = db.session.get_one(Album, album)
        db.session.execute(
            update(Album).values(removed_at=clock.now()).execution_options(synchronize_session=False)
        )
        with pytest.raises(Refused):
            albums.add_photo(loaded, albums.take_in(jpeg()), Viewer(school.tess.id, "teacher"), clock.now())
    assert rows(Photo) == []


# --- the end of the school year ---------------------------------------------------------------------------


@pytest.fixture
def jobs_at(app, at):
    """Lets the worker do its regular jobs at a moment of the school's clock."""

    def work_at(moment: str) -> None:
        at(moment)
        with app.app_context():
            run_jobs()

    return work_at


@pytest.mark.parametrize(
    ("last", "day"),
    [
        (date(2027, 7, 9), date(2027, 7, 31)),
        (date(2027, 6, 1), date(2027, 7, 31)),
        (date(2027, 8, 2), date(2027, 8, 2)),
    ],
)
def test_albums_stay_until_the_end_of_july(last, day):
    assert last_day_of_albums(last) == day


@pytest.mark.parametrize(("moment", "left"), [("2027-07-31 23:50", 1), ("2027-08-01 00:10", 0)])
def test_albums_are_deleted_with_the_school_year(filled, rows, jobs_at, moment, left):
    filled(jpeg())
    jobs_at(moment)
    assert (len(rows(Album)), len(rows(Photo)), len(rows(PhotoFile))) == (left, left, 2 * left)


def test_a_kept_album_stays_for_the_office(tess, client_for, school, album, filled, rows, jobs_at, change):
    [number] = filled(jpeg())
    data = {"title": "Kinderboerderij", "keep": "y"}
    assert tess.post(f"/albums/{album}/details", data=data).status_code == 303
    assert "wordt door school bewaard" in client_for(school.anna).get(f"/albums/{album}").text
    jobs_at("2029-09-01 03:00")
    assert len(rows(Album)) == 1
    otto = client_for(school.otto)
    change(Group, Group.id == school.group_34, closed_at=clock.now())
    assert client_for(school.anna).get(f"/albums/{album}").status_code == 404
    assert client_for(school.tess).get(f"/albums/{album}").status_code == 404
    assert "Kinderboerderij" in otto.get(f"/groups/{school.group_34}/albums").text
    assert otto.get(f"/photos/{number}/picture").status_code == 200
    otto.post(f"/albums/{album}/details", data={"title": "Kinderboerderij"})
    jobs_at("2029-09-02 03:00")
    assert rows(Album) == []


def test_more_photos_than_fit_in_one_transaction_all_go(tess, album, send, rows, jobs_at, monkeypatch):
    monkeypatch.setattr("portal.domain.albums.DELETED_AT_ONCE", 2)
    send(tess, *many(7))
    jobs_at("2027-08-01 03:00")
    assert rows(Album) == rows(Photo) == rows(PhotoFile) == []


@pytest.mark.parametrize("engine", ["sqlite"])
def test_after_that_nothing_of_a_photo_is_in_the_file(app, tess, album, send, rows, jobs_at):
    marks = [b"Lindeboog-%d-" % number * 20_000 for number in range(3)]
    send(tess, *(jpeg(f"#0000{number:02x}") + mark for number, mark in enumerate(marks)))
    path = Path(app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///"))

    def anywhere() -> bytes:
        return b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))

    assert all(mark[:200] in anywhere() for mark in marks)
    jobs_at("2027-08-01 03:00")
    assert rows(Photo) == []
    assert [mark for mark in marks if mark[:13] in anywhere()] == []
