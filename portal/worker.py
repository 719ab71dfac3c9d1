"""The loops that deliver the outbox, do what is due, make photos and plans; any number on Postgres."""

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import FrameType

import click
from flask import Flask

from portal import clock, file_checker, mailbox, photo_maker, plan_maker, postman
from portal.domain import (
    absence_retention,
    albums,
    attachment_work,
    jobs,
    letter_copies,
    letter_retention,
    letters,
    mail_keys,
    meeting_offers,
    meeting_reminders,
    meeting_retention,
    meeting_upkeep,
    open_requests,
    outbox,
    pupil_retention,
    retention,
    roster_import,
    sessions,
    slip_reminders,
    slip_upkeep,
    throttle,
    year_change,
)
from portal.extensions import db, empty_log, read_afresh, start_writing
from portal.mailer import mail_folder

log = logging.getLogger("portal.worker")

PAUSE = 1.0
PAUSE_AFTER_FAILURE = 15.0
PAUSE_AFTER_FAILED_JOB = timedelta(minutes=10)
PAUSE_BEFORE_RESTART = 2.0
SECONDS_TO_STOP = 30
NICENESS = 5


@dataclass(frozen=True, slots=True)
class Job:
    """Something done regularly: `work(now)` in a write transaction of its own, by one worker at a time.

    Work that answers True is not done yet: it goes on in another transaction, so that others can write
    between. `wipes`: what it deletes must not stay in SQLite's log either.
    """

    name: str
    every: timedelta
    work: Callable[[datetime], object]
    wipes: bool = False


JOBS = [
    Job("forget login attempts", timedelta(hours=1), throttle.prune),
    Job("forget links from mails", timedelta(hours=6), mail_keys.prune),
    Job("forget old sessions", timedelta(hours=6), sessions.prune),
    Job("forget old mail", timedelta(hours=24), outbox.prune),
    Job("delete old notes", timedelta(hours=6), absence_retention.delete_old_notes),
    Job("delete old absences", timedelta(hours=24), absence_retention.delete_old_absences),
    Job("delete old care and contacts", timedelta(hours=24), pupil_retention.delete_old_pupil_data),
    Job("forget import previews", timedelta(hours=6), roster_import.prune),
    Job("delete old albums", timedelta(hours=6), albums.delete_old_albums, wipes=True),
    Job("delete removed photos", timedelta(minutes=10), albums.delete_removed, wipes=True),
    Job("delete old news and weeks", timedelta(hours=24), retention.delete_old_tidings, wipes=True),
    Job("delete old conversations", timedelta(hours=24), retention.delete_old_conversations, wipes=True),
    Job("delete old arrangements", timedelta(hours=24), retention.delete_old_arrangements, wipes=True),
    Job("delete details of who left", timedelta(hours=24), retention.delete_details_of_who_left, wipes=True),
    Job("close requests of who left", timedelta(hours=1), open_requests.close_of_who_left),
    Job("bring meetings up to date", timedelta(minutes=5), meeting_upkeep.repair),
    Job("offer times that came free", timedelta(minutes=1), meeting_offers.pass_on),
    Job("delete files that were left", timedelta(hours=6), attachment_work.delete_what_was_left, wipes=True),
    Job("send letters", timedelta(seconds=5), letters.send_due),
    Job("give letters to who came later", timedelta(minutes=5), letter_copies.LateComers()),
    Job("delete old trouble with mail", timedelta(hours=24), retention.delete_old_mail_trouble, wipes=True),
    Job("remind of reply slips", timedelta(minutes=5), slip_reminders.send_due),
    Job("free the places of who left", timedelta(minutes=1), slip_upkeep.let_go_of_who_left),
    Job("delete old answers", timedelta(hours=24), slip_upkeep.delete_old_answers, wipes=True),
    Job("forget who read old letters", timedelta(hours=24), letter_retention.ForgetWhoRead(), wipes=True),
    Job(
        "delete letters of who left",
        timedelta(hours=24),
        letter_retention.delete_copies_of_who_left,
        wipes=True,
    ),
    Job("delete old letters", timedelta(hours=24), letter_retention.delete_old_letters, wipes=True),
    Job("invite to talks", timedelta(minutes=1), meeting_reminders.send_invitations),
    Job("remind of talks", timedelta(minutes=5), meeting_reminders.send_reminders),
    Job("tell of the talks of tomorrow", timedelta(minutes=5), meeting_reminders.send_day_before),
    Job("delete old notes of talks", timedelta(hours=24), meeting_retention.delete_old_notes, wipes=True),
    Job("delete old rounds of talks", timedelta(hours=24), meeting_retention.delete_old_rounds, wipes=True),
    Job("begin school years", timedelta(hours=6), year_change.begin_school_years),
    Job("forget who did what", timedelta(hours=24), retention.forget_who_did_what),
]
"""All regular jobs; an area that has one adds it here."""


def run(app: Flask) -> None:
    """Work until told to stop (SIGTERM or SIGINT); the mail and photo in hand are finished first."""
    # Who waits for a page goes before the mail.
    os.nice(NICENESS)
    stop = threading.Event()

    def stop_soon(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, stop_soon)
    signal.signal(signal.SIGINT, stop_soon)
    with app.app_context():
        if folder := mail_folder():
            click.echo(f"PORTAL_MAIL_SERVER is not set: mail is kept in {folder} and sent to nobody.")
    # Photos and plans do not wait for a mail server that does not answer, nor does mail for a mailbox.
    others = [
        threading.Thread(target=work, args=(app, stop))
        for work in (
            photo_maker.make_photos,
            plan_maker.make_plans,
            mailbox.read_mailbox,
            file_checker.check_files,
        )
    ]
    for other in others:
        other.start()
    while not stop.is_set():
        stop.wait(work_once(app, stop))
    for other in others:
        other.join(SECONDS_TO_STOP)


def work_once(app: Flask, stop: threading.Event | None = None) -> float:
    """Do what is due now and return how many seconds to rest. A failure is logged and tried again later."""
    try:
        with app.app_context():
            run_jobs()
            rest = postman.deliver_due(stop or threading.Event())
        return {postman.DONE: PAUSE, postman.MORE: 0.0}.get(rest, PAUSE_AFTER_FAILURE)
    except Exception as error:
        log.exception("the worker could not do its round: %s", type(error).__name__)
        return PAUSE_AFTER_FAILURE


class Supervisor:
    """Keeps a worker running beside the web server: one that dies is started again."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._process = self._start()
        self._watch = threading.Thread(target=self._keep_running, daemon=True)
        self._watch.start()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-m", "portal", "worker"])  # noqa: S603

    def _keep_running(self) -> None:
        while True:
            self._process.wait()
            if self._stopping.wait(PAUSE_BEFORE_RESTART):
                return
            log.error("the worker ended; another one is started")
            try:
                self._process = self._start()
            except OSError as error:
                # No memory or no number for a process now: it is tried until there is.
                log.error("the worker could not be started: %s", type(error).__name__)
                continue
            if self._stopping.is_set():
                self._process.terminate()

    def stop(self) -> None:
        """Let the worker finish the mail that it is sending, and wait for it."""
        self._stopping.set()
        self._process.terminate()
        self._process.wait(SECONDS_TO_STOP)
        self._watch.join(SECONDS_TO_STOP)


# --- regular jobs -----------------------------------------------------------------------------------------


def run_jobs() -> None:
    """Note that a worker is alive, and do the regular jobs whose time has come."""
    now = clock.now()
    alive = Job(*jobs.ALIVE, work=lambda now: None)
    due = jobs.due([(job.name, job.every) for job in (*JOBS, alive)], now)
    read_afresh()
    for job in (*JOBS, alive):
        if job.name in due:
            _run(job, now)


def _run(job: Job, now: datetime) -> None:
    try:
        start_writing()
        more: object = jobs.claim(job.name, job.every, now) and job.work(now)
        db.session.commit()
        while more is True:
            start_writing()
            more = job.work(now)
            db.session.commit()
        if job.wipes:
            empty_log()
    except Exception as error:
        db.session.rollback()
        log.exception("job '%s' failed: %s", job.name, type(error).__name__)
        _wait_with(job, now)


def _wait_with(job: Job, now: datetime) -> None:
    """Let a job that failed come again in some minutes, not with every round.

    What it did was undone, and with it that it had begun.
    """
    start_writing()
    jobs.put_off(job.name, job.every, now, min(job.every, PAUSE_AFTER_FAILED_JOB))
    db.session.commit()
