"""The worker delivers what is due, whatever the mail server does."""

import subprocess
import sys
import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy import Engine, event

from portal import clock, file_checker, plan_maker, worker
from portal.domain import invitations, outbox
from portal.extensions import db, start_writing
from portal.models.accounts import LoginAttempt, LoginSession, MailKey, User
from portal.models.jobs import JobRun
from portal.models.notices import MailTrouble
from portal.models.outbox import OutgoingMessage
from portal.models.school import School
from tests.mail_server import SENDER

TABLES = {"tries": LoginAttempt, "links": MailKey, "sessions": LoginSession, "mail": OutgoingMessage}


@pytest.fixture
def invited(school, do):
    """An invitation for Inge waits to be sent."""
    do(lambda: invitations.invite(db.session.get_one(User, school.inge.id), None, clock.now()))


def message(rows):
    (only,) = rows(OutgoingMessage)
    return only


def test_a_mail_is_sent_once(school, invited, mailed, rows):
    assert len(mailed()) == 1
    assert mailed() == []
    sent = message(rows)
    assert (sent.sent_at, sent.attempts, sent.leased_until) == (clock.now(), 1, None)


def test_where_nothing_fails_nothing_is_undone(app, school, invited, smtp):
    """At an undo the driver of Postgres forgets what it prepared, and each mail would be planned for anew."""
    undone = []
    note = undone.append
    event.listen(Engine, "rollback", note)
    try:
        worker.work_once(app)
        with app.app_context():
            plan_maker.make_due_plans(threading.Event())
            file_checker.check_waiting(threading.Event())
    finally:
        event.remove(Engine, "rollback", note)
    assert len(smtp.messages) == 1
    assert undone == []


def test_it_is_a_mail_that_no_machine_answers(school, invited, mailed, rows):
    [mail] = mailed()
    assert mail.message["Auto-Submitted"] == "auto-generated"
    assert mail.message["Message-ID"] == message(rows).message_id
    assert mail.message["Reply-To"] == "info@lindeboog.example"
    assert "De Lindeboog" in mail.message["From"]
    assert mail.text
    assert mail.html
    for trace in ("<img", "http-equiv", "<script", "url("):
        assert trace not in mail.html


@pytest.mark.parametrize("mode", ["relay", "quota", "blunt"])
def test_a_server_that_takes_nothing_from_us_loses_nothing_and_marks_nobody(
    school, app, do, mailed, rows, smtp, at, mode
):
    people = (school.inge, school.anna, school.carl, school.tess, school.otto)
    for person in people:
        do(lambda person=person: outbox.queue("login", clock.now(), address=person.email))
    smtp.mode = mode
    for _ in people:
        mailed()
    assert not any(message.failed_at for message in rows(OutgoingMessage)) and not rows(MailTrouble)
    assert smtp.tries <= len(people)
    smtp.mode = "accept"
    at("2026-11-24 08:30")
    for _ in people:
        mailed()
    assert sorted(mail.recipients[0] for mail in smtp.messages) == sorted(one.email for one in people)


def test_a_mail_is_written_in_the_transaction_that_causes_it(app, school, rows):
    with app.app_context():
        start_writing()
        invitations.invite(db.session.get_one(User, school.inge.id), None, clock.now())
        db.session.rollback()
    assert rows(OutgoingMessage) == []


@pytest.mark.parametrize(
    ("mode", "reason"),
    [
        ("down", "ConnectionRefusedError"),
        ("temporary", "451"),
        ("hang", "TimeoutError"),
        ("relay", "550 5.7.1"),
        ("quota", "550 5.4.5"),
    ],
)
def test_a_mail_server_that_cannot_now_is_asked_again_later(
    app, school, invited, mailed, rows, smtp, at, monkeypatch, mode, reason
):
    smtp.mode = mode
    with monkeypatch.context() as impatient:
        impatient.setitem(app.config, "MAIL_TIMEOUT", 0.5)
        assert mailed() == []
    waits = message(rows)
    assert (waits.sent_at, waits.failed_at, waits.leased_until) == (None, None, None)
    assert waits.failure in (reason, "SMTPServerDisconnected")
    assert waits.due_at == clock.now() + timedelta(minutes=1)
    smtp.mode = "accept"
    assert mailed() == []
    at("2026-11-24 07:57")
    [mail] = mailed()
    assert mail.message["Message-ID"] == waits.message_id
    assert message(rows).failure == ""
    assert mailed() == []


def test_an_address_that_does_not_exist_is_not_asked_again(school, invited, mailed, rows, smtp, at):
    smtp.mode = "refuse"
    mailed()
    refused = message(rows)
    assert (refused.failed_at, refused.failure) == (clock.now(), "550")
    smtp.mode = "accept"
    at("2026-12-24 07:57")
    assert mailed() == []


def test_the_waits_grow_to_a_day(school):
    minutes = [outbox.wait_after(attempts).total_seconds() / 60 for attempts in range(1, 14)]
    assert minutes == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1440, 1440]
    assert outbox.wait_after(10_000) == timedelta(days=1)


def test_it_is_given_up_after_a_week_and_the_office_is_told(school, invited, mailed, rows, smtp, at):
    smtp.mode = "temporary"
    mailed()
    at("2026-12-01 07:54")
    mailed()
    assert message(rows).failed_at is None
    at("2026-12-02 08:00")
    mailed()
    assert message(rows).failed_at == clock.now()
    assert message(rows).failure.startswith("gave up")


def test_one_address_that_has_to_wait_keeps_nobody_else_waiting(school, do, mailed, smtp, change, rows):
    change(User, school.carl.id, activated_at=None)
    do(lambda: invitations.invite_all(None, clock.now()))
    smtp.refused.add(school.carl.email)
    assert [mail.recipients for mail in mailed()] == [[school.inge.email]]
    assert sorted(m.failure for m in rows(OutgoingMessage)) == ["", "550"]


def test_a_login_mail_that_waited_for_the_server_is_valid_from_when_it_leaves(
    school, anonymous, mailed, smtp, at
):
    smtp.mode = "down"
    anonymous.post("/login/mail", data={"email": school.anna.email})
    mailed()
    smtp.mode = "accept"
    at("2026-11-24 09:30")
    [mail] = mailed()
    link = "/" + mail.links[0].split("/", 3)[3]
    assert anonymous.get(link).status_code == 200


def test_a_dead_mail_server_costs_a_visitor_nothing(school, anonymous, smtp, waiting):
    smtp.mode = "down"
    assert anonymous.post("/login/mail", data={"email": school.anna.email}).status_code == 303
    assert len(waiting()) == 1


def test_a_mail_in_the_hands_of_another_worker_is_left_alone(app, school, invited, smtp, mailed, rows, at):
    with app.app_context():
        start_writing()
        leased = outbox.lease(clock.now())
        db.session.commit()
        assert leased is not None
    worker.work_once(app)
    assert smtp.messages == []
    at("2026-11-24 08:01")
    [mail] = mailed()
    assert mail.message["Message-ID"] == message(rows).message_id
    assert message(rows).attempts == 2


def test_several_workers_send_every_mail_once(app, school, do, smtp, rows):
    def queue_many():
        anna = db.session.get_one(User, school.anna.id)
        for number in range(30):
            outbox.queue("password_changed", clock.now(), user=anna, dedupe_key=f"n:{number}")
            outbox.queue("password_changed", clock.now(), user=anna, dedupe_key=f"n:{number}")

    do(queue_many)
    workers = [threading.Thread(target=worker.work_once, args=(app,)) for _ in range(4)]
    for thread in workers:
        thread.start()
    for thread in workers:
        thread.join()
    assert len(smtp.messages) == 30
    assert len({mail.message["Message-ID"] for mail in smtp.messages}) == 30
    assert all(sent.sent_at and sent.attempts == 1 for sent in rows(OutgoingMessage))


def test_without_a_mail_server_mail_is_kept_as_files_and_sent_to_nobody(
    app, school, invited, smtp, tmp_path, rows, monkeypatch
):
    monkeypatch.setitem(app.config, "MAIL_SERVER", "")
    monkeypatch.setattr(app, "instance_path", str(tmp_path))
    worker.work_once(app)
    [file] = (tmp_path / "mail").iterdir()
    assert file.suffix == ".eml"
    assert oct(file.stat().st_mode & 0o777) == "0o600"
    assert school.inge.email in file.read_text()
    assert school.inge.email not in file.name
    assert smtp.messages == []
    assert message(rows).sent_at == clock.now()


def test_names_and_addresses_stay_out_of_the_log(school, invited, mailed, caplog, smtp, anonymous):
    caplog.set_level("DEBUG")
    smtp.mode = "refuse"
    mailed()
    smtp.mode = "down"
    anonymous.post("/login/mail", data={"email": school.anna.email})
    anonymous.post("/login", data={"email": school.anna.email, "password": "wrong-one-here"})
    mailed()
    log = " ".join(record.getMessage() for record in caplog.records if record.name.startswith("portal"))
    assert "mail invitation: 550" in log
    for secret in ("inge", "anna", "dekker", "bakker", "wrong-one-here", "lindeboog.example"):
        assert secret not in log.lower()


class TestJobs:
    def test_the_worker_says_that_it_is_alive(self, school, app, rows, at):
        worker.work_once(app)
        started = {row.name: row.started_at for row in rows(JobRun)}
        assert started["worker is alive"] == clock.now()
        assert set(started) == {job.name for job in worker.JOBS} | {"worker is alive"}

    def test_a_job_runs_again_when_its_time_has_come(self, school, app, rows, at):
        worker.work_once(app)
        first = {row.name: row.started_at for row in rows(JobRun)}
        at("2026-11-24 09:00")
        worker.work_once(app)
        second = {row.name: row.started_at for row in rows(JobRun)}
        assert second["forget login attempts"] == clock.now()
        assert second["forget old mail"] == first["forget old mail"]

    def test_old_tries_links_and_sessions_are_forgotten(self, school, anonymous, app, rows, at):
        anonymous.post("/login", data={"email": school.anna.email, "password": "wrong-one-here"})
        anonymous.post("/login/mail", data={"email": school.anna.email})
        anonymous.post("/login", data={"email": school.anna.email, "password": school.password})
        worker.work_once(app)
        at("2027-06-01 08:00")
        worker.work_once(app)
        tables = {name: rows(table) for name, table in TABLES.items()}
        assert tables == {"tries": [], "links": [], "sessions": [], "mail": []}

    def test_a_job_that_fails_stops_nothing_else(self, school, app, invited, smtp, monkeypatch, caplog):
        def fail(_now):
            raise ZeroDivisionError

        broken = worker.Job("broken", timedelta(hours=1), fail)
        monkeypatch.setattr(worker, "JOBS", [broken, *worker.JOBS])
        worker.work_once(app)
        assert len(smtp.messages) == 1
        assert "job 'broken' failed: ZeroDivisionError" in caplog.text

    def test_a_job_that_fails_waits_some_minutes(self, school, app, monkeypatch, at):
        tries = []

        def fail(now):
            tries.append(now)
            raise ZeroDivisionError

        monkeypatch.setattr(worker, "JOBS", [worker.Job("broken", timedelta(hours=24), fail)])
        worker.work_once(app)
        worker.work_once(app)
        at("2026-11-24 08:00")
        worker.work_once(app)
        assert len(tries) == 1
        at("2026-11-24 08:06")
        worker.work_once(app)
        assert len(tries) == 2


def test_a_worker_that_cannot_be_started_is_tried_again(monkeypatch):
    """There is no memory for a process, say, just when the worker has died."""
    tries: list[str] = []

    class Unlucky(worker.Supervisor):
        def _start(self):
            tries.append("import time; time.sleep(60)" if len(tries) == 3 else "")
            if len(tries) in (2, 3):
                raise BlockingIOError
            return subprocess.Popen([sys.executable, "-c", tries[-1]])

    monkeypatch.setattr(worker, "PAUSE_BEFORE_RESTART", 0.01)
    supervisor = Unlucky()
    end = time.monotonic() + 30
    while len(tries) < 4 and time.monotonic() < end:
        time.sleep(0.05)
    time.sleep(0.2)
    supervisor.stop()
    assert len(tries) == 4


@pytest.mark.parametrize(
    "evil",
    [
        "Linde\r\nBcc: eve@evil.example",
        "Linde\n\nHello",
        "Linde\x0b\u2028Bcc: eve@evil.example",
        '"<eve@evil.example>, ',
    ],
)
def test_no_name_adds_a_header_or_a_recipient(school, do, change, mailed, evil):
    change(School, 1, name=evil)
    change(User, school.inge.id, given_name=evil, surname=evil)
    change(User, school.yara.id, activated_at=None, given_name=evil)
    do(lambda: invitations.invite_all(None, clock.now()))
    mails = mailed()
    assert sorted(mail.recipients[0] for mail in mails) == [school.inge.email, school.yara.email]
    for mail in mails:
        assert len(mail.recipients) == 1
        assert "Bcc" not in mail.message
        assert mail.message["To"] == mail.recipients[0]
        assert [address.addr_spec for address in mail.message["From"].addresses] == [SENDER]
        assert "\n" not in mail.subject


def test_a_mail_that_cannot_be_settled_stops_no_other_and_is_tried_ever_later(
    school, do, mailed, rows, at, caplog
):
    def odd():
        return next(one for one in rows(OutgoingMessage) if one.kind == "of_another_version")

    at("2026-11-24 08:00")
    do(lambda: outbox.queue("of_another_version", clock.now(), user=db.session.get_one(User, school.anna.id)))
    do(lambda: invitations.invite(db.session.get_one(User, school.inge.id), None, clock.now()))
    assert [mail.recipients for mail in mailed()] == [[school.inge.email]]
    assert (odd().attempts, odd().leased_until, odd().failure) == (1, None, "KeyError")
    assert odd().due_at == clock.now() + timedelta(minutes=1)
    at("2026-11-24 08:01")
    assert mailed() == []
    assert (odd().attempts, odd().due_at) == (2, clock.now() + timedelta(minutes=2))
    log = " ".join(record.getMessage() for record in caplog.records)
    assert "a mail of kind of_another_version could not be settled: KeyError" in log
    for secret in ("anna", "lindeboog.example"):
        assert secret not in log.lower()
