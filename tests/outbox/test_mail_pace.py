"""The mail server gets no more mails a minute than the school says, of all workers together."""

import signal
from itertools import combinations

import pytest

from portal import clock, postman, worker
from portal.domain import mail_pace, outbox
from portal.extensions import db
from portal.models.accounts import User
from tests.outbox.test_worker_process import start_worker, wait_until

__all__ = ["start_worker"]

CODE = "Uw code"
LATE = 0.5
"""In seconds: a mail that takes so much longer on its way than others makes those after it seem early."""


@pytest.fixture
def queue(school, do):
    """Puts so many mails to Anna in the outbox, for which nobody sits waiting."""

    def queue_mails(number: int) -> None:
        def work():
            anna = db.session.get_one(User, school.anna.id)
            for _ in range(number):
                outbox.queue("password_changed", clock.now(), user=anna)

        do(work)

    return queue_mails


@pytest.fixture
def pace(app, monkeypatch):
    """Sets how many mails may go in a minute."""
    return lambda number: monkeypatch.setitem(app.config, "MAIL_PER_MINUTE", number)


def test_the_next_mail_waits_for_its_turn(queue, pace, mailed, at):
    queue(3)
    pace(600)
    assert len(mailed()) == 1
    assert mailed() == []
    at("2026-11-24 07:55:01")
    assert len(mailed()) == 1
    at("2026-11-24 07:55:02")
    assert len(mailed()) == 1
    assert mailed() == []


def test_who_waits_for_a_code_has_the_next_turn(queue, pace, mailed, at, anonymous, school):
    queue(3)
    pace(600)
    mailed()
    anonymous.post("/login/mail", data={"email": school.carl.email})
    at("2026-11-24 07:55:01")
    [mail] = mailed()
    assert mail.subject.startswith(CODE)


def test_a_mail_that_does_not_go_takes_no_turn(queue, pace, mailed, do, school):
    def queue_for_who_left():
        left = db.session.get_one(User, school.dora.id)
        outbox.queue("invitation", clock.now(), user=left, subject_id=1)

    do(queue_for_who_left)
    queue(1)
    pace(1)
    assert [mail.recipients for mail in mailed()] == [[school.anna.email]]


def test_a_clock_that_was_set_back_stops_no_mail(queue, pace, mailed, at):
    queue(2)
    pace(1)
    at("2026-11-24 09:00")
    assert len(mailed()) == 1
    at("2026-11-24 08:00")
    assert len(mailed()) == 1


@pytest.mark.parametrize(
    ("setting", "number"),
    [(30, 30), ("30", 30), (0, 0), (-1, None), (True, None), (1.5, None), ("veel", None), ("", None)],
)
def test_only_a_number_is_a_pace(app, school, pace, setting, number):
    pace(setting)
    with app.app_context():
        assert mail_pace.per_minute() == number


def test_a_setting_that_is_no_number_stops_no_mail(queue, pace, mailed):
    queue(1)
    pace("veel")
    assert len(mailed()) == 1


def test_a_letter_to_all_of_school_keeps_no_regular_job_waiting(queue, app, smtp, monkeypatch):
    queue(2)
    monkeypatch.setattr(postman, "SECONDS_AT_A_STRETCH", 0.0)
    assert worker.work_once(app) == 0
    assert smtp.messages == []
    monkeypatch.undo()
    assert worker.work_once(app) == worker.PAUSE
    assert len(smtp.messages) == 2


def test_all_workers_together_keep_to_it_also_one_that_starts_anew(
    queue, engine, start_worker, smtp, anonymous, school
):
    clock.set_now(None)
    queue(60)
    workers = [start_worker(None, per_minute=240) for _ in range(2 if engine == "postgres" else 1)]
    smtp.wait_for(4, seconds=40)
    for one in workers:
        one.send_signal(signal.SIGTERM)
    for one in workers:
        one.wait()
    for _ in workers:
        start_worker(None, per_minute=240)
    smtp.wait_for(len(smtp.messages) + 2, seconds=40)
    anonymous.post("/login/mail", data={"email": school.carl.email})
    asked = len(smtp.messages)
    wait_until(lambda: smtp.to(school.carl.email))
    [place] = [number for number, mail in enumerate(smtp.messages) if mail.subject.startswith(CODE)]
    assert place <= asked + 1 < 60
    times = [mail.at for mail in smtp.messages]
    for first, second in combinations(range(len(times)), 2):
        assert times[second] - times[first] > 0.25 * (second - first) - LATE
