"""Making, looking at and accepting plans in the tests.

The planner gets no time to make its first plan better, which is the best one for five talks, unless a test
gives it a second.
"""

import json
import threading
from dataclasses import dataclass
from typing import Any

import pytest

from portal import clock, plan_maker
from portal.access import Viewer
from portal.domain import meeting_plans
from portal.domain.plan_facts import facts_of
from portal.domain.plan_round import PlannedRound, planned_round
from portal.extensions import db, start_writing
from portal.models.meeting_talks import MeetingPlan
from portal.models.meetings import Booking, MeetingRound
from tests.cast import Person


@dataclass(frozen=True)
class Planning:
    """The plans of one round."""

    app: Any
    round: int
    office: Person

    def ask(self, seconds: int = 0) -> int:
        """Ask for a plan; return its number."""
        with self.app.app_context():
            start_writing()
            round_ = db.session.get_one(MeetingRound, self.round)
            plan = meeting_plans.ask_for_plan(round_, seconds, Viewer(id=self.office.id), clock.now())
            number = plan.id
            db.session.commit()
        return number

    def do(self, verb: Any, plan: int) -> None:
        """Do something with a plan, as the office."""
        with self.app.app_context():
            start_writing()
            verb(db.session.get_one(MeetingPlan, plan), Viewer(id=self.office.id), clock.now())
            db.session.commit()

    def work(self) -> None:
        """Let the worker do what waits."""
        with self.app.app_context():
            plan_maker.make_due_plans(threading.Event())

    def made(self, seconds: int = 0) -> int:
        """Have a plan made; return its number."""
        number = self.ask(seconds)
        self.work()
        return number

    def accepted(self, seconds: int = 0) -> int:
        """Have a plan made and booked; return its number."""
        number = self.made(seconds)
        self.do(meeting_plans.accept_plan, number)
        self.work()
        return number

    def plan(self, number: int) -> MeetingPlan:
        """Return a plan as it is now."""
        with self.app.app_context():
            found = db.session.get_one(MeetingPlan, number)
            db.session.expunge(found)
            return found

    def result(self, number: int) -> dict[str, Any]:
        return json.loads(self.plan(number).result)

    def lost(self, number: int) -> dict[str, str]:
        return json.loads(self.plan(number).progress)["lost"]

    def planned(self) -> PlannedRound:
        """Return the round as the planner sees it now."""
        with self.app.app_context():
            return planned_round(facts_of(db.session.get_one(MeetingRound, self.round)), clock.now())

    def times(self) -> dict[int, str]:
        """Return the time of every talk that has one."""
        with self.app.app_context():
            return {
                booking.invitee_id: clock.to_local(booking.starts_at).strftime("%d %H.%M")
                for booking in db.session.query(Booking).filter_by(cancelled_at=None)
            }


@pytest.fixture
def planning(app, school, talks) -> Planning:
    """The plans of the round of the cast."""
    return Planning(app, talks.round, school.otto)
