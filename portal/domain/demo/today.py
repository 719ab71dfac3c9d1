"""What happens at De Lindeboog today: absences in every state, and a register that is half taken."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import cycle
from typing import Any, cast

from sqlalchemy import insert, select

from portal import clock
from portal.domain.demo.people import Adult, Child
from portal.domain.demo.plan import Plan
from portal.domain.school_days import SchoolDays
from portal.extensions import db
from portal.models.absence import Absence, AbsenceNote, AttendanceMark
from portal.models.school import AbsenceKind

UNTOUCHED = 4
"""The children of ouder1, ouder2 and ouder3 are at school, for whoever tries the sick report."""

ONE_CASE_IN = 8
HALF = 2


@dataclass(frozen=True, slots=True)
class Case:
    """One absence as the board shows it. Days are school days from today; `lasts` None is until better."""

    kind: str
    begins: int = 0
    lasts: int | None = 1
    from_time: time | None = None
    until_time: time | None = None
    at: time = time(7, 25)
    by_school: bool = False
    seen: bool = False
    withdrawn: bool = False
    recovered: bool = False
    note: str = ""


CASES = (
    Case("sick", at=time(7, 12)),
    Case("sick", at=time(7, 31), seen=True, note="De spreekbeurt kan hopelijk volgende week."),
    Case("sick", begins=-1, lasts=None, at=time(7, 48), seen=True),
    Case("doctor", from_time=time(10, 15), until_time=time(11, 30), note="Opa komt ophalen."),
    Case("late", until_time=time(9, 30), at=time(8, 2), note="De bus rijdt niet."),
    Case("sick", lasts=None, at=time(8, 50), by_school=True),
    Case("doctor", begins=1, from_time=time(9), until_time=time(10), at=time(7, 5)),
    Case("sick", at=time(7, 20), withdrawn=True),
    Case("sick", at=time(8, 41), note="We waren wat laat met melden."),
    Case("other", lasts=2, at=time(6, 58), seen=True, note="Familieomstandigheden."),
    Case("sick", begins=-3, lasts=3, at=time(7, 40), seen=True, recovered=True),
    Case("late", until_time=time(11), at=time(7, 55), seen=True),
)
"""No note says what a child has (R15)."""


def write_today(plan: Plan, day: date, days: SchoolDays, now: datetime) -> None:
    """Write the absences of a school day and, when that is today, what the teachers saw so far."""
    writer = _Writer(plan, day, days, now)
    writer.write_absences()
    if day == clock.to_local(now).date():
        writer.write_register()


class _Writer:
    def __init__(self, plan: Plan, day: date, days: SchoolDays, now: datetime) -> None:
        self.plan = plan
        self.day = day
        self.days = days
        self.now = now
        self.office = next(adult for adult in plan.staff if adult.role == "office")
        self.kinds = {kind.code: kind.id for kind in db.session.scalars(select(AbsenceKind))}
        self.absent: set[int] = set()

    def write_absences(self) -> None:
        cases = cycle(CASES)
        others = sorted(self.plan.children[UNTOUCHED:], key=lambda child: child.group)
        chosen = [(child, next(cases)) for child in others[::ONE_CASE_IN]]
        numbers = db.session.scalars(
            insert(Absence).returning(cast(Any, Absence.id), sort_by_parameter_order=True),
            [self._row(child, case) for child, case in chosen],
        ).all()
        notes = [
            {
                "absence_id": number,
                "author_id": self._reporter(child, case).id,
                "text": case.note,
                "written_at": self._moment(case),
            }
            for number, (child, case) in zip(numbers, chosen, strict=True)
            if case.note
        ]
        if notes:
            db.session.execute(insert(AbsenceNote), notes)

    def _row(self, child: Child, case: Case) -> dict[str, Any]:
        first = self._school_day(case.begins)
        last = None if case.lasts is None else self._school_day(case.begins + case.lasts - 1)
        if first <= self.day and (last is None or last >= self.day) and not case.withdrawn:
            self.absent.add(child.id)
        reporter = self._reporter(child, case)
        moment = self._moment(case)
        teacher = self._teacher(child)
        seen = case.seen or reporter is self.office
        return {
            "pupil_id": child.id,
            "kind_id": self.kinds[case.kind],
            "first_day": first,
            "last_day": last,
            "from_time": case.from_time,
            "until_time": case.until_time,
            "source": "school" if reporter is self.office else "guardian",
            "reported_by": reporter.id,
            "reported_at": moment,
            "seen_by": teacher.id if seen else None,
            "seen_at": min(self.now, moment + timedelta(minutes=22)) if seen else None,
            "recovered_at": self._at(self._school_day(-1), time(16, 5)) if case.recovered else None,
            "withdrawn_at": min(self.now, moment + timedelta(minutes=9)) if case.withdrawn else None,
            "withdrawn_by": reporter.id if case.withdrawn else None,
        }

    def _reporter(self, child: Child, case: Case) -> Adult:
        guards = (
            guard.adult for guard in child.guards if guard.has_authority and guard.adult.way_in == "active"
        )
        return self.office if case.by_school else next(guards, self.office)

    def _teacher(self, child: Child) -> Adult:
        return self.plan.groups[child.group].teachers[0][0]

    def _moment(self, case: Case) -> datetime:
        """Return when it was reported: on its first day, or today when that is later; never yet to come."""
        return min(self.now, self._at(self._school_day(min(case.begins, 0)), case.at))

    def _school_day(self, offset: int) -> date:
        step: Callable[[date], date] = (
            self.days.next_school_day if offset > 0 else self.days.previous_school_day
        )
        day = self.day
        for _ in range(abs(offset)):
            day = step(day)
        return day

    def _at(self, day: date, moment: time) -> datetime:
        return datetime.combine(day, moment, clock.SCHOOL_ZONE)

    def write_register(self) -> None:
        """A third of the groups is done, a third half-way, a third has not begun."""
        marks = list(self._marks())
        if marks:
            db.session.execute(insert(AttendanceMark), marks)

    def _marks(self) -> Iterator[dict[str, Any]]:
        seen: dict[int, int] = {}
        for child in self.plan.children:
            place = seen[child.group] = seen.get(child.group, -1) + 1
            progress = child.group % 3
            if child.id in self.absent or progress == HALF or (progress == 1 and place % 2):
                continue
            if progress == 0 and place == 1:  # missed: no report, and not seen by the teacher
                continue
            state = "late" if progress == 0 and place == HALF else "present"
            yield {
                "pupil_id": child.id,
                "day": self.day,
                "state": state,
                "marked_by": self._teacher(child).id,
                "marked_at": min(self.now, self._at(self.day, time(8, 37))),
            }
