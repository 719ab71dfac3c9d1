"""Generated schools with a round in them: everything that makes a plan hard, drawn from a seed."""

from dataclasses import dataclass
from datetime import date, time, timedelta
from random import Random

from portal import clock
from portal.access import Viewer
from portal.domain.bookings import Choice, book
from portal.domain.meeting_invitees import invite_families
from portal.domain.meeting_slots import make_slots
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.models.accounts import StaffMember, User
from portal.models.meeting_talks import MeetingWish, WaitingTime
from portal.models.meetings import (
    HostTeacher,
    Invitee,
    MeetingDay,
    MeetingHost,
    MeetingRound,
    RoundGroup,
    Slot,
)
from portal.models.roster import Group, Guardianship, Membership, Pupil, Teaching
from portal.models.school import SchoolYear

DAYS = (date(2026, 12, 1), date(2026, 12, 3))


@dataclass
class GeneratedSchool:
    """Groups with a teacher each, families of all kinds, a round of one kind and talks in another one."""

    random: Random
    kind: str = "booking"
    year: int = 0

    def make(self) -> int:
        """Put it into the empty database; return the number of the round."""
        start_writing()
        self.year = self._add(
            SchoolYear(name="2026-2027", first_day=date(2026, 8, 24), last_day=date(2027, 7, 9))
        ).id
        self.teachers = [self._adult(f"Juf {n}") for n in range(self.random.randint(2, 4))]
        for teacher in self.teachers:
            self._add(StaffMember(user_id=teacher, role="teacher", called=""))
        self.groups = [
            self._add(Group(school_year_id=self.year, name=str(n), year_groups="3", sort_key=str(n))).id
            for n in range(len(self.teachers))
        ]
        for teacher, group in zip(self.teachers, self.groups, strict=True):
            self._add(Teaching(user_id=teacher, group_id=group, started_on=date(2026, 8, 24)))
        self._families()
        other = self._round(shift=5)
        round_ = self._round()
        self._shape(round_)
        for one, share in ((other, 0.3), (round_, 0.25)):
            self._book(one, share)
        self._say(round_)
        db.session.commit()
        return round_

    def _add(self, thing):
        db.session.add(thing)
        db.session.flush()
        return thing

    def _adult(self, name: str) -> int:
        return self._add(User(given_name=name, surname="X", sort_key=name, created_at=clock.now())).id

    def _families(self) -> None:
        """Families with one to three children, parents of an earlier marriage and teachers among them."""
        adults: list[int] = []
        for number in range(self.random.randint(6, 9)):
            pool = [*adults, *self.teachers]
            first = self.random.choice(pool) if pool and self.random.random() < 0.3 else self._adult("A")
            parents = [first, *([self._adult("B")] if self.random.random() < 0.6 else [])]
            adults += [one for one in parents if one not in adults]
            for _ in range(self.random.choice((1, 1, 2, 3))):
                self._child(parents, number)

    def _child(self, parents: list[int], number: int) -> None:
        apart = clock.now() if len(parents) > 1 and self.random.random() < 0.3 else None
        pupil = self._add(
            Pupil(
                given_name="K",
                surname=str(number),
                sort_key=str(number),
                created_at=clock.now(),
                apart_at=apart,
            )
        )
        group = self.random.choice(self.groups)
        self._add(Membership(pupil_id=pupil.id, group_id=group, home=True, started_on=date(2026, 8, 24)))
        for seat, parent in enumerate(parents, 1):
            self._add(Guardianship(pupil_id=pupil.id, user_id=parent, seat=seat, created_at=clock.now()))

    def _round(self, shift: int = 0) -> int:
        round_ = self._add(
            MeetingRound(
                name="Ronde",
                kind="booking" if shift else self.kind,
                created_by=self.teachers[0],
                created_at=clock.now(),
                published_at=clock.now(),
                opens_at=clock.at_local("2026-11-18 16:00"),
                closes_at=clock.at_local("2026-11-27 17:00"),
                talk_minutes=10,
                gap_minutes=self.random.choice((0, 5, 10)),
                building_gap_minutes=self.random.choice((10, 20)),
            )
        )
        for teacher, group in zip(self.teachers, self.groups, strict=True):
            host = self._add(
                MeetingHost(
                    round_id=round_.id,
                    building=self.random.choice(("", "Oost")),
                    talk_minutes=self.random.choice((None, None, 15)),
                )
            )
            self._add(RoundGroup(round_id=round_.id, group_id=group, host_id=host.id))
            self._add(HostTeacher(host_id=host.id, user_id=teacher, round_id=round_.id))
        for day in DAYS:
            ends = time(16, self.random.choice((20, 40)))
            self._add(MeetingDay(round_id=round_.id, day=day, starts_at=time(15, shift), ends_at=ends))
        make_slots(round_)
        invite_families(round_, clock.now())
        return round_.id

    def _shape(self, round_: int) -> None:
        talks = self._invitees(round_)
        for slot in self._slots(round_):
            drawn = self.random.random()
            if drawn < 0.1:
                slot.state = self.random.choice(("blocked", "break"))
            elif drawn < 0.15:
                own = [talk for talk in talks if talk.host_id == slot.host_id]
                slot.reserved_for = self.random.choice(own).id if own else None
            elif drawn < 0.2 and talks:
                slot.held_for = self.random.choice(talks).id
                slot.held_until = clock.now() + timedelta(hours=self.random.choice((-1, 1)))
        for talk in talks:
            drawn = self.random.random()
            if drawn < 0.1:
                talk.minutes = self.random.choice((15, 20))
            elif drawn < 0.15:
                talk.declined_at = clock.now()
        db.session.flush()

    def _book(self, round_: int, share: float) -> None:
        """Let some families choose, as far as they can; some of it for good, some by an earlier plan."""
        for talk in self._invitees(round_):
            places = [slot for slot in self._slots(round_) if slot.host_id == talk.host_id]
            if self.random.random() > share or not places:
                continue
            source = self.random.choice(("guardian", "office", "plan"))
            fixed = self.random.random() < 0.2
            with db.session.begin_nested() as point:
                try:
                    choice = Choice(talk, self.random.choice(places))
                    book([choice], Viewer(id=self.teachers[0]), clock.now(), source, fixed=fixed)
                except Refused:
                    point.rollback()

    def _say(self, round_: int) -> None:
        for talk in self._invitees(round_):
            if self.random.random() > 0.4:
                continue
            for day in DAYS:
                for half in (time(15), time(15, 30), time(16)):
                    starts_at = clock.at_local(f"{day} {half:%H:%M}")
                    times = {"starts_at": starts_at, "ends_at": starts_at + timedelta(minutes=30)}
                    if self.kind == "booking":
                        self._add(WaitingTime(invitee_id=talk.id, since=clock.now(), **times))
                        break
                    said = {"said_by": self.teachers[0], "said_at": clock.now()}
                    availability = self.random.choice((0, 1, 1, 2))
                    self._add(MeetingWish(invitee_id=talk.id, availability=availability, **said, **times))

    @staticmethod
    def _invitees(round_: int) -> list[Invitee]:
        found = db.session.query(Invitee).filter_by(round_id=round_, ended_at=None)
        return found.order_by(Invitee.id).all()

    @staticmethod
    def _slots(round_: int) -> list[Slot]:
        found = db.session.query(Slot).join(MeetingHost, MeetingHost.id == Slot.host_id)
        return found.filter(MeetingHost.round_id == round_).order_by(Slot.id).all()
