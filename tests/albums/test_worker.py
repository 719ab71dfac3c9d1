"""The worker makes photos: several at once never the same one, and one bad picture keeps none waiting."""

import signal
import threading
from dataclasses import replace
from datetime import timedelta

from portal import clock, photo_maker, worker
from portal.domain import darkroom, photo_work
from portal.extensions import db, start_writing
from portal.models.albums import Photo, PhotoFile
from tests.albums.pictures import jpeg, many


def lease(app):
    with app.app_context():
        start_writing()
        task = photo_work.lease(clock.now())
        db.session.commit()
        return task


def test_each_photo_is_taken_by_one_worker(app, tess, send, rows):
    send(tess, *many(8))
    taken = []
    gate = threading.Barrier(4)

    def take() -> None:
        gate.wait(20)
        while task := lease(app):
            taken.append(task.photo_id)

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(taken) == [photo.id for photo in rows(Photo)]


def test_two_workers_make_all_of_them_once(app, tess, send, rows):
    send(tess, *many(6))

    def work() -> None:
        with app.app_context():
            photo_maker.make_due_photos(threading.Event())

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert all(photo.ready_at and photo.attempts == 1 for photo in rows(Photo))
    assert len(rows(PhotoFile)) == 12


def test_one_bad_picture_keeps_no_other_one_waiting(tess, send, work, rows):
    good = many(4)
    send(tess, good[0], good[1], jpeg("#ababab", 1500, 1500)[:9000], good[2], good[3])
    work()
    assert [photo.failure for photo in rows(Photo)] == ["", "", "broken", "", ""]
    assert [photo.ready_at is None for photo in rows(Photo)] == [False, False, True, False, False]
    assert {file.size for file in rows(PhotoFile)} == {"picture", "thumbnail"}


def test_a_worker_that_died_is_followed_by_another_one(app, tess, send, work, rows, at):
    send(tess, jpeg())
    assert lease(app).attempts == 1
    work()
    assert rows(Photo)[0].ready_at is None
    clock.set_now(clock.now() + photo_work.LEASE + timedelta(seconds=1))
    work()
    assert rows(Photo)[0].ready_at


def test_a_photo_at_which_the_process_ends_again_and_again_is_given_up(tess, send, work, rows, monkeypatch):
    deadly = jpeg()
    send(tess, deadly, jpeg("#010203"))
    developed = darkroom.Darkroom.develop
    ended = []

    def end_at_the_first(self, content):
        if content == deadly:
            ended.append(content)
            self._process = darkroom._start()
            self._process.kill()
        return developed(self, content)

    monkeypatch.setattr(darkroom.Darkroom, "develop", end_at_the_first)
    for _ in range(4):
        work()
        clock.set_now(clock.now() + photo_work.PAUSE_AFTER_LOSS)
    assert len(ended) == photo_work.MOST_ATTEMPTS
    assert [photo.failure for photo in rows(Photo)] == ["broken", ""]
    assert rows(Photo)[1].ready_at


def test_a_killed_process_is_noticed_and_another_one_started():
    with darkroom.Darkroom() as room:
        assert room.develop(jpeg()).width == 400
        room._process.send_signal(signal.SIGKILL)
        try:
            room.develop(jpeg())
        except darkroom.Lost as lost:
            assert "-9" in str(lost)
        assert room.develop(jpeg()).width == 400


def test_a_photo_removed_while_it_is_made_stays_away(app, tess, album, send, rows):
    send(tess, jpeg())
    task = lease(app)
    tess.post(f"/albums/{album}/photos/removal", data={"photo": task.photo_id, "sure": 1})
    with app.app_context(), darkroom.Darkroom() as room:
        made = room.develop(task.content)
        start_writing()
        photo_work.note_made(task, made, clock.now())
        db.session.commit()
    assert [file.size for file in rows(PhotoFile)] == [photo_work.INCOMING]
    with app.app_context():
        worker.run_jobs()
    assert rows(Photo) == rows(PhotoFile) == []


def test_a_picture_made_too_late_never_stands_for_another_photo(app, tess, send, rows):
    """SQLite gives the number of the last photo away again once that one is deleted."""
    send(tess, jpeg(width=40, height=30), jpeg(width=60, height=30))
    late, other = lease(app), lease(app)
    with app.app_context(), darkroom.Darkroom() as room:
        made = room.develop(late.content)
        start_writing()
        photo_work.note_made(replace(late, photo_id=other.photo_id), made, clock.now())
        db.session.commit()
    assert [photo.ready_at for photo in rows(Photo)] == [None, None]
