"""The worker's part that makes and books plans of meeting rounds; the planner has processes of its own."""

import json
import logging
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

from flask import Flask

from portal import clock
from portal.domain import plan_work
from portal.domain.plan_facts import facts_of
from portal.domain.plan_round import PlannedRound, planned_round
from portal.domain.plan_work import ACCEPTED, ACCEPTING, READY, Task
from portal.domain.planner import Progress, impossible
from portal.domain.planner.processes import make_plan_in_processes
from portal.extensions import db, read_afresh, start_writing
from portal.models.meetings import MeetingRound

log = logging.getLogger("portal.worker")

PAUSE = 1.0
PAUSE_AFTER_FAILURE = 15.0
PROCESSES = min(2, os.cpu_count() or 1)
BEAT = 1.0
"""Seconds between two looks at the database while the planner works."""


def make_plans(app: Flask, stop: threading.Event) -> None:
    """Make and book the plans that are asked for, until told to stop."""
    while not stop.is_set():
        pause = PAUSE
        try:
            with app.app_context():
                make_due_plans(stop)
        except Exception as error:
            log.exception("plans could not be made: %s", type(error).__name__)
            pause = PAUSE_AFTER_FAILURE
        stop.wait(pause)


def make_due_plans(stop: threading.Event) -> None:
    """Make and book what waits, one plan at a time."""
    while not stop.is_set() and _anything_due():
        start_writing()
        task = plan_work.lease(clock.now())
        db.session.commit()
        if task:
            _work_at(task, stop)


def _anything_due() -> bool:
    found = plan_work.anything_due(clock.now())
    read_afresh()
    return found


def _work_at(task: Task, stop: threading.Event) -> None:
    work = _Work(task, stop)
    try:
        if task.state == ACCEPTING:
            work.book()
        else:
            work.plan()
    except Exception as error:
        db.session.rollback()
        log.exception("plan %s could not be made: %s", task.plan_id, type(error).__name__)
        work.give_back()


class _Work:
    """One plan in the hands of this worker, for as long as it is ours."""

    def __init__(self, task: Task, stop: threading.Event) -> None:
        self.task = task
        self.ours = True
        self._stop = stop
        self._beaten_at = 0.0
        self._told: Progress | None = None

    def plan(self) -> None:
        """Let the planner's processes search, tell how far they are, and keep what they found."""
        round_ = db.session.get_one(MeetingRound, self.task.round_id)
        planned = planned_round(facts_of(round_), clock.now())
        read_afresh()
        with ThreadPoolExecutor(1) as beside:
            # This thread has nothing to do while the processes search.
            cannot = beside.submit(impossible, planned.round)
            found = make_plan_in_processes(
                planned.round,
                self.task.seconds,
                self.task.seed,
                PROCESSES,
                progress=self._note,
                stop=lambda: self._is_enough(planned),
            )
        if self._stop.is_set():
            self.give_back()
        elif self.ours:
            result = plan_work.result_of(planned, found, cannot.result())
            self._keep(state=READY, result=result, finished_at=clock.now(), leased_until=None)

    def _note(self, told: Progress) -> None:
        self._told = told

    def _is_enough(self, planned: PlannedRound) -> bool:
        if self._stop.is_set():
            return True
        if monotonic() - self._beaten_at >= BEAT:
            self._beaten_at = monotonic()
            self._keep(progress=plan_work.progress_of(planned, self._told))
        return not self.ours or self.task.enough

    def book(self) -> None:
        """Book an accepted plan, part by part, each in a transaction of its own, so that others can write."""
        at, lost = plan_work.parts_done(self.task)
        read_afresh()
        while self.ours and not self._stop.is_set():
            start_writing()
            part, reason = plan_work.book_part(self.task, at, clock.now())
            if reason:
                db.session.rollback()
                start_writing()
                lost |= {str(talk): reason for talk in part}
            at += 1
            progress = json.dumps({"at": at, "lost": lost})
            if not part:
                self._keep(state=ACCEPTED, progress=progress, leased_until=None, within=True)
                return
            self._keep(progress=progress, within=True)
        self.give_back()

    def _keep(self, within: bool = False, **values: object) -> bool:
        """Note this if the plan is still ours; `within`: together with what was just done, else undo that."""
        if not within:
            start_writing()
        kept = plan_work.keep(self.task, clock.now(), **values)
        if kept is None:
            db.session.rollback()
            self.ours = False
            return False
        db.session.commit()
        self.task = kept
        return True

    def give_back(self) -> None:
        """Let another worker go on with it."""
        start_writing()
        plan_work.give_back(self.task)
        db.session.commit()
