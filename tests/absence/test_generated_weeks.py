"""Whatever is said of a child in whatever order, the board shows the visit that somebody reported.

On a day it does exactly when a report that was not taken back is for that day, and no whole-day absence is.
It is the very visit that was reported: no other one took its place unsaid.
"""

from dataclasses import dataclass, field
from datetime import date, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from portal import clock
from portal.access import Viewer
from portal.domain import absence_changes, attendance, attendance_marks
from portal.domain.absence import Report
from portal.domain.absence_reports import report_absence
from portal.domain.absence_waiting import waiting_visits
from portal.domain.attendance_board import PRESENT, UNKNOWN
from portal.domain.school_days import school_days
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.models.absence import Absence, AttendanceMark
from portal.models.roster import Pupil

WEEK = [date(2026, 11, day) for day in (24, 25, 26, 27, 30)]
places = st.integers(0, len(WEEK) - 1)
which = st.integers(0, 3)
spans = st.tuples(places, places).map(sorted)
whole_spans = st.tuples(spans, st.integers(0, 3)).map(lambda drawn: (*drawn[0], drawn[1] == 0))
visits = st.tuples(st.just("visit"), spans, st.booleans())
illnesses = st.tuples(st.just("ill"), whole_spans, st.sampled_from(("sick", "other")), st.booleans())
acts = st.one_of(
    visits,
    illnesses,
    illnesses,
    st.tuples(st.just("withdraw"), which, st.sampled_from((None, True))),
    st.tuples(st.just("withdraw"), which, st.just(True)),
    st.tuples(st.just("stop"), which),
    st.tuples(st.just("end"), which, st.booleans()),
    st.tuples(st.just("correct"), which, spans),
    st.tuples(st.just("rewrite"), which, st.sampled_from(("", "Kanarie."))),
    st.tuples(st.just("turn"), which, spans),
    st.tuples(st.just("extend"), which, places),
    st.tuples(st.just("mark"), st.sampled_from((PRESENT, UNKNOWN))),
)


@dataclass
class Week:
    """What is said of Bram, by the verbs, and for which days somebody wants a visit, in plain words.

    Each visit has an end of its own, by which its parts are known.
    """

    school: object
    wanted: dict[time, set[date]] = field(default_factory=dict)
    visits: int = 0

    def __post_init__(self) -> None:
        self.days = school_days(WEEK[0], WEEK[-1])
        self.anna, self.otto = Viewer(self.school.anna.id), Viewer(self.school.otto.id, role="office")
        self.pupil = db.session.get_one(Pupil, self.school.bram.id)

    def holding(self, whole: bool | None = None) -> list[Absence]:
        rows = db.session.scalars(
            select(Absence)
            .where(Absence.pupil_id == self.pupil.id, Absence.withdrawn_at.is_(None))
            .order_by(Absence.first_day, Absence.id)
        )
        return [row for row in rows if whole is None or whole == (row.until_time is None)]

    def chosen(self, number: int, whole: bool | None = None) -> Absence | None:
        found = self.holding(whole)
        return found[number % len(found)] if found else None

    def days_of(self, row: Absence) -> set[date]:
        return {day for day in WEEK if row.first_day <= day <= (row.last_day or WEEK[-1])}

    def new_end(self) -> time:
        self.visits += 1
        return time(10, self.visits)

    def let_go(self, end: time, days: set[date]) -> None:
        """Want a part of a visit no more; when no other part holds, nothing of it."""
        self.wanted[end] = self.wanted[end] - days if self.holds(end) else set()

    def change(self, end: time, days: set[date], span: set[date]) -> None:
        """Want a part of a visit no more, nor what it gave up on the days of what it became."""
        self.wanted[end] -= days | span

    def holds(self, end: time) -> bool:
        return any(row.until_time == end for row in self.holding(whole=False))

    def report(self, kind: str, first: int, last: int | None, by_school: bool) -> None:
        whole = kind != "late"
        end = None if whole else self.new_end()
        until = None if last is None else WEEK[last]
        report = Report(self.school.kinds[kind], whole, WEEK[first], until, until_time=end)
        before = {row.id: (row.until_time, self.days_of(row)) for row in self.holding(whole=False)}
        actor, source = (self.otto, "school") if by_school else (self.anna, "guardian")
        (told,) = report_absence([self.pupil], report, self.days, actor, clock.now(), source)
        db.session.flush()
        if not whole:
            self.wanted[end] = {day for day in WEEK if WEEK[first] <= day <= until}
            for row in told.made:
                if row.id in before:
                    self.change(*before[row.id], self.wanted[end])

    def do_visit(self, span, by_school) -> None:
        self.report("late", *span, by_school)

    def do_ill(self, span, kind, by_school) -> None:
        first, last, until_better = span
        self.report(kind, first, None if until_better else last, by_school)

    def do_withdraw(self, number, whole) -> None:
        row = self.chosen(number, whole)
        if row is not None:
            end, days = row.until_time, self.days_of(row)
            absence_changes.withdraw_absence(row, self.anna, clock.now())
            if end:
                self.let_go(end, days)

    def do_stop(self, number) -> None:
        """Take back a visit of which nothing holds."""
        waiting = waiting_visits(self.pupil.id, WEEK[0], WEEK[-1], clock.now())
        found = sorted({one.visit.id for one in waiting if one.visit.withdrawn_at})
        if found:
            row = db.session.get_one(Absence, found[number % len(found)])
            self.wanted[row.until_time] -= {one.given.day for one in waiting if one.visit is row}
            absence_changes.withdraw_absence(row, self.anna, clock.now())

    def do_end(self, number, at_once) -> None:
        row = self.chosen(number, whole=True)
        if row is not None:
            absence_changes.end_absence(row, WEEK[0 if at_once else 1], self.days, self.anna, clock.now())

    def do_correct(self, number, span) -> None:
        row = self.chosen(number)
        if row is None or row.present_at:  # what school has acted on is nobody's to correct
            return
        end, days = row.until_time, self.days_of(row)
        new = end and self.new_end()
        first, last = (WEEK[place] for place in span)
        report = Report(row.kind_id, end is None, first, last, until_time=new)
        absence_changes.correct_absence(row, report, self.days, self.anna, clock.now())
        if end and new:
            self.wanted[new] = {day for day in WEEK if first <= day <= last}
            self.change(end, days, self.wanted[new])

    def do_rewrite(self, number, note) -> None:
        """Correct nothing but the message."""
        row = self.chosen(number)
        if row is None or row.present_at:
            return
        whole = row.until_time is None
        report = Report(row.kind_id, whole, row.first_day, row.last_day, until_time=row.until_time, note=note)
        absence_changes.correct_absence(row, report, self.days, self.anna, clock.now())

    def do_turn(self, number, span) -> None:
        """Correct a whole day into a visit."""
        row = self.chosen(number, whole=True)
        if row is None or row.present_at:
            return
        first, last = (WEEK[place] for place in span)
        report = Report(self.school.kinds["late"], False, first, last, until_time=self.new_end())
        absence_changes.correct_absence(row, report, self.days, self.anna, clock.now())
        self.wanted[report.until_time] = {day for day in WEEK if first <= day <= last}

    def do_extend(self, number, place) -> None:
        row = self.chosen(number, whole=True)
        if row is not None:
            absence_changes.extend_absence(row, WEEK[place], self.days, self.anna, clock.now())

    def do_mark(self, state) -> None:
        attendance_marks.mark_attendance(
            [self.pupil], state, self.days, WEEK[0], self.otto, clock.now(), was_unknown=False
        )

    def expected(self) -> set[tuple[date, time]]:
        ill = set().union(*(self.days_of(row) for row in self.holding(whole=True) if not row.present_at))
        return {(day, end) for end, days in self.wanted.items() for day in days - ill}

    def shown(self) -> set[tuple[date, time]]:
        groups = attendance.board_groups(self.otto)
        found = set()
        for day in WEEK:
            board = attendance.board(self.otto, groups, day, day - timedelta(days=1))
            (bram,) = [one for one in board.pupils if one.id == self.pupil.id]
            if bram.absence and not bram.absence.whole_day:
                found.add((day, bram.absence.until_time))
        return found


def begin(school) -> Week:
    start_writing()
    db.session.execute(delete(Absence))
    db.session.execute(delete(AttendanceMark))
    db.session.commit()
    start_writing()
    return Week(school)


def check(school, said) -> None:
    week = begin(school)
    for what, *words in said:
        wanted = {end: set(days) for end, days in week.wanted.items()}
        try:
            getattr(week, f"do_{what}")(*words)
            db.session.commit()
        except Refused:
            db.session.rollback()
            week.wanted = wanted
        start_writing()
        assert week.shown() == week.expected(), (what, words)


def test_the_board_shows_a_visit_exactly_when_it_is_wanted_and_nothing_takes_its_day(app, school):
    @settings(max_examples=60, deadline=None, database=None)
    @given(first=st.lists(visits, min_size=1, max_size=2), then=st.lists(acts, min_size=4, max_size=10))
    def whatever_is_said(first, then):
        with app.app_context():
            check(school, [*first, *then])

    whatever_is_said()
