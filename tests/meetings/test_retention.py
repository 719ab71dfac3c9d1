"""What the worker deletes of talks: notes with the school year, a round a year later."""

from datetime import date

import pytest
from sqlalchemy import func, select

from portal import clock
from portal.extensions import Base, db, start_writing
from portal.models import meeting_talks, meeting_tidings, meetings
from portal.models.meeting_talks import MeetingEvent, SlotOffer, TalkNote, TalkReport, WaitingTime
from portal.models.meeting_tidings import RoundTold, TalkTold
from portal.models.meetings import MeetingRound
from portal.models.school import SchoolYear
from portal.worker import run_jobs


@pytest.fixture
def work(app, at):
    def work_at(moment: str) -> None:
        at(moment)
        with app.app_context():
            run_jobs()

    return work_at


@pytest.fixture
def noted(school, talks, book_talk, do_now):
    """A talk with everything that can be kept of it."""
    invitee, now = talks.invitee(school.sem), clock.now()
    booking = book_talk(school.carl, school.sem, talks.host_6, "2026-12-01 15.00")
    times = {"starts_at": now, "ends_at": clock.at_local("2026-12-01 15:00")}

    def put():
        db.session.add_all(
            [
                TalkNote(invitee_id=invitee, author_id=school.yara.id, before="a", after="b", written_at=now),
                TalkReport(invitee_id=invitee, author_id=school.yara.id, text="c", written_at=now),
                WaitingTime(invitee_id=invitee, since=now, **times),
                SlotOffer(invitee_id=invitee, offered_at=now, expires_at=now, **times),
                RoundTold(user_id=school.carl.id, round_id=talks.round, what="opened", told_at=now),
                TalkTold(
                    user_id=school.carl.id, booking_id=booking, said="x", sequence=0, told_at=now, **times
                ),
                MeetingRound(
                    name="Kopie",
                    opens_at=clock.at_local("2029-01-01 10:00"),
                    closes_at=clock.at_local("2029-02-01 10:00"),
                    copied_from=talks.round,
                    created_by=school.otto.id,
                    created_at=now,
                ),
            ]
        )

    do_now(put)


def years(app) -> None:
    with app.app_context():
        start_writing()
        for first in (2027, 2028):
            db.session.add(
                SchoolYear(
                    name=f"{first}-{first + 1}",
                    first_day=date(first, 8, 23),
                    last_day=date(first + 1, 7, 7),
                )
            )
        db.session.commit()


@pytest.mark.parametrize(("moment", "left"), [("2027-07-01 03:00", 1), ("2027-08-31 03:00", 0)])
def test_notes_go_with_the_school_year_and_reports_stay(rows, noted, work, moment, left):
    work(moment)
    assert (len(rows(TalkNote)), len(rows(TalkReport))) == (left, 1)


@pytest.mark.parametrize(("moment", "there"), [("2028-07-06 03:00", True), ("2028-09-30 03:00", False)])
def test_a_round_goes_a_year_after_its_school_year_with_everything_in_it(
    app, rows, talks, noted, work, moment, there
):
    years(app)
    work(moment)
    assert [one.name for one in rows(MeetingRound)] == ["Rapportgesprekken", "Kopie"][0 if there else 1 :]
    tables = [
        mapper.local_table
        for mapper in Base.registry.mappers
        if mapper.class_.__module__ in {one.__name__ for one in (meetings, meeting_talks, meeting_tidings)}
    ]
    with app.app_context():
        full = {table.name for table in tables if db.session.scalar(select(func.count()).select_from(table))}
    kept = {"meeting_events", "talk_reports", "slots", "bookings", "meeting_invitees", "rounds_told"}
    assert full == {"meeting_rounds"} if not there else kept <= full
    assert bool(rows(MeetingEvent)) is there
