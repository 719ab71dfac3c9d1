"""The families of a round for the office: whom to call, when each comes, and what was done."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

from portal import access, names
from portal.access import Viewer
from portal.domain import bookings
from portal.domain.bookings import Choice, open_booking
from portal.domain.calling_order import Guardian, guardians_to_call
from portal.domain.meeting_tables import Table, tables_of_round
from portal.domain.meeting_talks_at_school import Talk, talks_of
from portal.errors import Refused
from portal.extensions import db
from portal.models.accounts import StaffMember, User
from portal.models.meeting_talks import MeetingEvent
from portal.models.meetings import Booking, Invitee, MeetingRound
from portal.models.roster import Pupil
from portal.words import gettext

OPEN, ANSWERED, ALL = "open", "answered", "all"
SHOWN = (OPEN, ANSWERED, ALL)


@dataclass(frozen=True, slots=True)
class Family:
    """Guardians who come together, as far as the reader may call them, and their talks in a round."""

    guardians: tuple[Guardian, ...]
    talks: tuple[Talk, ...]

    @property
    def open_talks(self) -> list[Talk]:
        """The talks that have no time yet and need one."""
        return [talk for talk in self.talks if is_open(talk)]

    @property
    def called(self) -> str:
        """The guardians by name."""
        return self.talks[0].with_whom


@dataclass(frozen=True, slots=True)
class FamilyList:
    """The families of a round in the order of the school's list, and how many have to be called."""

    families: tuple[Family, ...]
    tables: dict[int, Table]

    @property
    def to_call(self) -> int:
        return sum(bool(family.open_talks) for family in self.families)

    def shown(self, which: str, host_id: int | None) -> list[Family]:
        """Return the families that have (or have not) to be called, at one table or at all of them."""
        found = []
        for family in self.families:
            talks = [talk for talk in family.talks if host_id in (None, talk.host_id)]
            if talks and (which == ALL or any(map(is_open, talks)) == (which == OPEN)):
                found.append(family)
        return found

    def of_talk(self, invitee_id: int) -> Family | None:
        """Return the family with this talk."""
        return next(
            (one for one in self.families if any(t.invitee_id == invitee_id for t in one.talks)), None
        )


def is_open(talk: Talk) -> bool:
    """Whether a talk needs a time: nobody said that it is not needed."""
    return talk.booking_id is None and not talk.declined and talk.asked != "not_needed"


def families_of(viewer: Viewer, round_: MeetingRound) -> FamilyList:
    """Return the families of a round whose talks the viewer has; the queries do not grow with them."""
    tables = {table.host.id: table for table in tables_of_round(viewer, round_.id)}
    talks = talks_of(viewer, list(tables))
    phones = guardians_to_call(viewer, list({talk.pupil_id for talk in talks}))
    together: dict[object, list[Talk]] = {}
    for talk in talks:
        together.setdefault(talk.guardian_ids or talk.pupil_id, []).append(talk)
    return FamilyList(tuple(_family(own, phones) for own in together.values()), tables)


def _family(talks: list[Talk], phones: dict[int, list[Guardian]]) -> Family:
    known: dict[int, Guardian] = {}
    for talk in talks:
        for guardian in phones.get(talk.pupil_id, ()):
            if guardian.user_id in talk.guardian_ids:
                known.setdefault(guardian.user_id, guardian)
    return Family(tuple(known.values()), tuple(talks))


@dataclass(frozen=True, slots=True)
class FamilyEvent:
    """Something that was done about a talk of a family. `by`: who, '' for the portal itself."""

    what: str
    at: datetime
    starts_at: datetime | None
    was_at: datetime | None
    pupil: str
    by: str


def history_of(viewer: Viewer, round_: MeetingRound, family: Family) -> list[FamilyEvent]:
    """Return what was done about the talks of a family in a round, the newest first, also by school."""
    pupils = {talk.pupil_id for talk in family.talks}
    guardians = {user for talk in family.talks for user in talk.guardian_ids}
    rows = db.session.execute(
        select(MeetingEvent, Pupil, User, StaffMember.called)
        .join(Invitee, Invitee.id == MeetingEvent.invitee_id)
        .join(Pupil, Pupil.id == Invitee.pupil_id)
        .outerjoin(User, User.id == MeetingEvent.actor_id)
        .outerjoin(StaffMember, StaffMember.user_id == User.id)
        .where(
            MeetingEvent.round_id == round_.id,
            Invitee.pupil_id.in_(pupils),
            or_(Invitee.guardian_id.is_(None), Invitee.guardian_id.in_(guardians)),
            access.meeting_history_known_to(viewer),
        )
        .order_by(MeetingEvent.at.desc(), MeetingEvent.id.desc())
    )
    return [
        FamilyEvent(
            event.what,
            event.at,
            event.starts_at,
            event.was_at,
            pupil.given_name or pupil.surname,
            (called or names.full(user.given_name, user.prefix, user.surname)) if user else "",
        )
        for event, pupil, user, called in rows
    ]


def book_by_phone(choice: Choice, actor: Viewer, now: datetime) -> Booking:
    """Give a talk a time for a family that called. Raises what `bookings.book` raises.

    What only school moves stays so. A time that has begun is refused, as the page does not offer it.
    """
    if choice.slot.starts_at <= now:
        raise Refused(gettext("This time is over. Choose another one."), "slot")
    booking = open_booking(choice.invitee)
    fixed = booking is not None and booking.fixed
    (booked,) = bookings.book([choice], actor, now, "office", fixed=fixed)
    return booked
