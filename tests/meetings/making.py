"""A meeting round for the cast: a table for groep 3/4 (Tess and Tim) and one for groep 6 (Yara).

Talks of 10 minutes on Tuesday 1 December from 15.00 to 17.00, with a break from 16.00 to 16.10, and on
Thursday 3 December from 18.30 to 19.30. Parents choose from 18 to 27 November; the clock of the tests stands
on the 24th. Bram's parents hide from each other, so that each has a talk of their own.
"""

from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

import pytest

from portal import clock
from portal.access import Viewer
from portal.domain.bookings import Choice, book
from portal.domain.meeting_invitees import invite_families
from portal.domain.meeting_slots import make_slots
from portal.extensions import db, start_writing
from portal.models.arrangements import Barring
from portal.models.meeting_talks import SlotOffer, TalkReport
from portal.models.meetings import (
    HostTeacher,
    Invitee,
    MeetingDay,
    MeetingHost,
    MeetingRound,
    RoundGroup,
    Slot,
)
from tests.cast import Cast, Child, Person
from tests.databases import THERE_FROM_THE_BEGINNING

TUESDAY, THURSDAY = date(2026, 12, 1), date(2026, 12, 3)


@dataclass(frozen=True)
class Talks:
    """The round of the cast, by number."""

    app: Any
    round: int
    host_34: int
    host_6: int

    def invitee(self, child: Child, guardian: Person | None = None) -> int:
        """Return the number of the talk about a child, of one guardian when the two come apart."""
        with self.app.app_context():
            found = [
                invitee.id
                for invitee in db.session.query(Invitee).filter_by(pupil_id=child.id, ended_at=None)
                if guardian is None or invitee.guardian_id in (guardian.id, None)
            ]
        (one,) = found
        return one

    def slot(self, host: int, moment: str) -> int:
        """Return the number of the place at a table at a time of the school's clock ('2026-12-01 15.20')."""
        starts_at = clock.at_local(moment.replace(".", ":"))
        with self.app.app_context():
            return db.session.query(Slot).filter_by(host_id=host, starts_at=starts_at).one().id

    def book(self, person: Person, invitee: int, host: int, moment: str, source: str = "guardian") -> int:
        """Book a talk for somebody of the cast, and return the number of the booking."""
        slot = self.slot(host, moment)
        with self.app.app_context():
            start_writing()
            choice = Choice(db.session.get_one(Invitee, invitee), db.session.get_one(Slot, slot))
            (booking,) = book([choice], Viewer(id=person.id), clock.now(), source)
            number = booking.id
            db.session.commit()
        return number

    def book_some(self, person: Person, host: int, number: int) -> None:
        """Give so many of the talks at a table a time, whoever they are with."""
        with self.app.app_context():
            start_writing()
            open_ = db.session.query(Invitee).filter_by(host_id=host, ended_at=None).order_by(Invitee.id)
            places = db.session.query(Slot).filter_by(host_id=host).order_by(Slot.starts_at)
            for invitee, slot in list(zip(open_, places, strict=False))[:number]:
                book([Choice(invitee, slot)], Viewer(id=person.id), clock.now(), "office")
            db.session.commit()

    def seat(self, teacher: Person, host: int) -> None:
        """Let a teacher sit at this table, and at no other of the round."""
        with self.app.app_context():
            start_writing()
            db.session.query(HostTeacher).filter_by(round_id=self.round, user_id=teacher.id).delete()
            db.session.add(HostTeacher(host_id=host, user_id=teacher.id, round_id=self.round))
            db.session.commit()

    def bar(self, person: Person, child: Child) -> None:
        """Let somebody have no contact with a child."""
        with self.app.app_context():
            start_writing()
            db.session.add(Barring(pupil_id=child.id, user_id=person.id, reason="?", barred_at=clock.now()))
            db.session.commit()

    def report(self, person: Person, invitee: int, text: str = "Het gaat goed.") -> int:
        """Share a report of a talk with its guardians, and return its number."""
        with self.app.app_context():
            start_writing()
            report = TalkReport(
                invitee_id=invitee,
                author_id=person.id,
                text=text,
                written_at=clock.now(),
                shared_at=clock.now(),
            )
            db.session.add(report)
            db.session.commit()
            return report.id

    def offer(self, invitee: int, host: int, moment: str) -> int:
        """Hold a place for a talk until tonight, as when one came free; return the number of the offer."""
        slot_id, until = self.slot(host, moment), clock.now() + timedelta(hours=12)
        with self.app.app_context():
            start_writing()
            slot = db.session.get_one(Slot, slot_id)
            slot.held_for, slot.held_until = invitee, until
            offer = SlotOffer(
                invitee_id=invitee,
                slot_id=slot.id,
                starts_at=slot.starts_at,
                ends_at=slot.ends_at,
                offered_at=clock.now(),
                expires_at=until,
            )
            db.session.add(offer)
            db.session.flush()
            number = offer.id
            db.session.commit()
        return number

    def change(self, model: Any, ident: int, **values: Any) -> None:
        """Change a row, as somebody else might have."""
        with self.app.app_context():
            start_writing()
            thing = db.session.get_one(model, ident)
            for name, value in values.items():
                setattr(thing, name, value)
            db.session.commit()


def make_round(app: Any, school: Cast, **values: Any) -> Talks:
    """Put the round into the database; `values` are other columns of it than the usual."""
    with app.app_context():
        start_writing()
        given = {
            "name": "Rapportgesprekken",
            "created_by": school.otto.id,
            "created_at": clock.now(),
            "published_at": clock.now(),
            "opens_at": clock.at_local("2026-11-18 16:00"),
            "closes_at": clock.at_local("2026-11-27 17:00"),
        }
        round_ = MeetingRound(**given | values)
        db.session.add(round_)
        db.session.flush()
        hosts = [
            _host(round_, group, teachers, room)
            for group, teachers, room in [
                (school.group_34, (school.tess, school.tim), "3"),
                (school.group_6, (school.yara,), "6"),
            ]
        ]
        for day, start, end, pause in [
            (TUESDAY, time(15), time(17), (time(16), time(16, 10))),
            (THURSDAY, time(18, 30), time(19, 30), (None, None)),
        ]:
            db.session.add(
                MeetingDay(
                    round_id=round_.id,
                    day=day,
                    starts_at=start,
                    ends_at=end,
                    break_from=pause[0],
                    break_until=pause[1],
                )
            )
        db.session.flush()
        make_slots(round_)
        invite_families(round_, clock.now())
        made = Talks(app, round_.id, *hosts)
        db.session.commit()
    return made


def _host(round_: MeetingRound, group: int, teachers: tuple[Person, ...], room: str) -> int:
    host = MeetingHost(round_id=round_.id, room=room)
    db.session.add(host)
    db.session.flush()
    db.session.add(RoundGroup(round_id=round_.id, group_id=group, host_id=host.id))
    for teacher in teachers:
        db.session.add(HostTeacher(host_id=host.id, user_id=teacher.id, round_id=round_.id))
    db.session.flush()
    return host.id


def numbers_of_talks(app: Any, school: Cast) -> dict[str, int]:
    """Put the round in with Anna's talk about Bram booked; return numbers for addresses, all of that talk.

    `slot_id` is a free place at the table.
    """
    made = make_round(app, school)
    invitee_id = made.invitee(school.bram, school.anna)
    return {
        "round_id": made.round,
        "host_id": made.host_34,
        "invitee_id": invitee_id,
        "booking_id": made.book(school.anna, invitee_id, made.host_34, "2026-12-01 15.20"),
        "slot_id": made.slot(made.host_34, "2026-12-01 15.00"),
        "report_id": made.report(school.tess, invitee_id),
        "offer_id": made.offer(invitee_id, made.host_34, "2026-12-01 15.40"),
    }


@pytest.fixture
def round_of_the_cast(tested_app, school) -> Talks:
    """The round that `make_round` makes, which is there from the beginning of the test."""
    return tested_app.made["round_of_the_cast"][0]


THERE_FROM_THE_BEGINNING["round_of_the_cast"] = make_round


@pytest.fixture
def talks(round_of_the_cast) -> Talks:
    """The round of the cast, open for everyone; a module may have another one."""
    return round_of_the_cast
