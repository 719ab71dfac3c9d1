"""The talks that a guardian has or may choose in the rounds of the school, as the own pages show them."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    exists,
    false,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from portal import access, names
from portal.access import Viewer
from portal.domain.ended_talks import Ended, ended_with_a_time
from portal.domain.meeting_offers import is_held
from portal.domain.meeting_phases import Phase, chooses_from, may_choose, phase_of
from portal.domain.meeting_talk_lists import unsaid_until, waits_until
from portal.domain.slot_times import Span, shown_as
from portal.extensions import UtcDateTime, fetch
from portal.models.accounts import StaffMember, User
from portal.models.meeting_talks import MeetingWish, SlotOffer
from portal.models.meetings import Booking, HostTeacher, Invitee, MeetingHost, MeetingRound
from portal.models.roster import Guardianship, Pupil

_lead_time = aliased(Booking)


@dataclass(frozen=True, slots=True)
class RoundFacts:
    """A round as its families know it; the fields are those of `MeetingRound`."""

    id: int
    name: str
    kind: str
    talk_minutes: int
    gap_minutes: int
    building_gap_minutes: int
    way: str
    twins_together: bool
    shape_from: datetime | None
    early_from: datetime | None
    opens_at: datetime
    closes_at: datetime
    filled_by: datetime | None
    published_at: datetime | None
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class Booked:
    """The time that a talk has. `fixed`: the teacher keeps it for this family, which does not move it."""

    id: int
    starts_at: datetime
    ends_at: datetime
    way: str
    fixed: bool
    subjects: str
    uid: str
    outcome: str

    @property
    def span(self) -> Span:
        return Span(self.starts_at, self.ends_at)

    @property
    def shown(self) -> str:
        """What a page sends along of this time."""
        return shown_as(self.id, self.starts_at)


@dataclass(frozen=True, slots=True)
class Offered:
    """A time that came free and is held for a talk until `expires_at`."""

    id: int
    starts_at: datetime
    ends_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Talk:
    """A talk that school offers to the reader about one child. `guardian_id` None: both guardians together.

    `joined_to`: the talk in which this child is talked about too. What a page makes its version of does not
    say which: that would tell that the other guardian hides (R22).
    `waits_until`: the last time for which it waits. `wished`: the family said what suits in a round by
    wishes, but nothing of the times that were added after that, the last at `unsaid_until`.
    """

    id: int
    pupil_id: int
    called: str
    host_id: int
    guardian_id: int | None = field(repr=False)
    joined_to: int | None
    minutes: int
    asked: str
    declined: bool
    room: str
    building: str
    video_url: str
    teachers: tuple[str, ...]
    booked: Booked | None
    offered: Offered | None = None
    waits_until: datetime | None = None
    wished: bool = False
    unsaid_until: datetime | None = None

    def offer(self, now: datetime) -> Offered | None:
        """Return the time that is held for it now."""
        one = self.offered
        return one if one and min(one.expires_at, one.starts_at) > now else None

    def waits(self, now: datetime) -> bool:
        """Whether it is on the waiting list."""
        return self.waits_until is not None and self.waits_until > now

    def is_passed_on(self, now: datetime) -> bool:
        """Whether the family said of all the times that there are now whether they suit."""
        return self.wished and not (self.unsaid_until and self.unsaid_until > now)

    @property
    def to_choose(self) -> bool:
        """Whether the family still has to say something about it."""
        return self.booked is None and not self.declined and self.joined_to is None


@dataclass(frozen=True, slots=True)
class FamilyRound:
    """A round and the reader's talks in it, in the order of the school's list.

    `ended`: those that had a time when they ended and are not offered again. There can be nothing else.
    """

    facts: RoundFacts
    talks: tuple[Talk, ...]
    ended: tuple[Ended, ...] = ()

    @property
    def early(self) -> bool:
        """Whether the family has several children in it, or a teacher asked for a talk."""
        return is_early((talk.pupil_id, talk.asked) for talk in self.talks)

    @property
    def chooses_from(self) -> datetime:
        return chooses_from(self.facts, self.early)

    @property
    def booked(self) -> list[Talk]:
        """The talks that have a time, in order of time."""
        found = [talk for talk in self.talks if talk.booked]
        return sorted(found, key=lambda talk: (talk.booked.starts_at if talk.booked else 0, talk.id))

    @property
    def open_talks(self) -> list[Talk]:
        """The talks that have no time, in the order of the school's list."""
        return [talk for talk in self.talks if not talk.booked]

    @property
    def to_choose(self) -> list[Talk]:
        return [talk for talk in self.talks if talk.to_choose]

    def offered(self, now: datetime) -> list[Talk]:
        """The talks for which a time is held now."""
        return [talk for talk in self.talks if talk.offer(now)]

    def waiting(self, now: datetime) -> list[Talk]:
        """The talks on the waiting list."""
        return [talk for talk in self.talks if talk.waits(now)]

    def phase(self, now: datetime) -> Phase:
        return phase_of(self.facts, now)

    def may_choose(self, now: datetime) -> bool:
        """Whether the family may choose, move and cancel now."""
        return bool(self.talks) and may_choose(self.facts, now, self.early)

    def talk(self, talk_id: int | None) -> Talk | None:
        return next((talk for talk in self.talks if talk.id == talk_id), None)


def is_early(talks: Iterable[tuple[int, str]]) -> bool:
    """Whether a family with these talks (child, what the teacher said) chooses before the others."""
    many = list(talks)
    return len({pupil_id for pupil_id, _ in many}) > 1 or any(asked == "wanted" for _, asked in many)


def family_round(viewer: Viewer, round_id: int) -> FamilyRound | None:
    """Return a round with the viewer's talks in it, in one query, and one more when some ended.

    None when the viewer never had a talk in it.
    """
    if not access.possible_number(round_id):
        return None
    found = _rounds(fetch(_one_round(_stand_in(viewer)), viewer_id=viewer.id, round_id=round_id))
    return found[0] if found else None


def facts_of(round_id: int) -> RoundFacts:
    """Return what families know of a round that is there."""
    (row,) = fetch(_facts_query(), round_id=round_id)
    return RoundFacts(*row)


@cache
def _facts_query() -> Select[*tuple[Any, ...]]:
    return select(*_FACTS).where(MeetingRound.id == bindparam("round_id", type_=Integer))


def rounds_now(viewer: Viewer, now: datetime) -> list[FamilyRound]:
    """Return the rounds that still ask something of the viewer or have a talk to come, in one query."""
    return _rounds(fetch(_rounds_now(_stand_in(viewer)), viewer_id=viewer.id, now=now))


def all_rounds(viewer: Viewer) -> list[FamilyRound]:
    """Return every round that the viewer was invited to, the newest first, in one query.

    And one more when some of their talks ended.
    """
    found = _rounds(fetch(_every_round(_stand_in(viewer)), viewer_id=viewer.id))
    return sorted(found, key=lambda one: (one.facts.closes_at, one.facts.id), reverse=True)


def _stand_in(viewer: Viewer) -> Viewer:
    return access.anyone_with(viewer.role)


_FACTS = [getattr(MeetingRound, name) for name in RoundFacts.__slots__]
_ENDED_AT = -5
"""Where a row of `_query` tells it: before the four words of the teacher."""
_BOOKED = [getattr(Booking, name) for name in Booked.__slots__]
_OFFERED = [getattr(SlotOffer, name) for name in Offered.__slots__]


def _query(viewer: Viewer, ended: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """One row for each talk and teacher, from the own children outwards; `ended`: these ended talks too."""
    by_wishes = MeetingRound.kind == "wishes"
    wished = exists().where(MeetingWish.invitee_id == Invitee.id)
    return (
        select(
            *_FACTS,
            *_BOOKED,
            Invitee.id,
            Invitee.pupil_id,
            Pupil.given_name,
            Pupil.prefix,
            Pupil.surname,
            Invitee.host_id,
            Invitee.guardian_id,
            Invitee.joined_to,
            Invitee.minutes,
            MeetingHost.talk_minutes,
            Invitee.asked,
            Invitee.declined_at,
            MeetingHost.room,
            MeetingHost.building,
            MeetingHost.video_url,
            *_OFFERED,
            is_held(),
            case((by_wishes, None), else_=waits_until()),
            case((by_wishes, wished), else_=false()),
            case((by_wishes, unsaid_until())),
            Invitee.ended_at,
            StaffMember.called,
            User.given_name,
            User.prefix,
            User.surname,
        )
        .select_from(Guardianship)
        .join(Invitee, Invitee.pupil_id == Guardianship.pupil_id)
        .join(MeetingRound, MeetingRound.id == Invitee.round_id)
        .join(Pupil, Pupil.id == Invitee.pupil_id)
        .join(MeetingHost, MeetingHost.id == Invitee.host_id)
        .outerjoin(Booking, and_(Booking.invitee_id == Invitee.id, Booking.cancelled_at.is_(None)))
        .outerjoin(SlotOffer, and_(SlotOffer.invitee_id == Invitee.id, SlotOffer.answered_at.is_(None)))
        .outerjoin(HostTeacher, HostTeacher.host_id == Invitee.host_id)
        .outerjoin(StaffMember, StaffMember.user_id == HostTeacher.user_id)
        .outerjoin(User, User.id == HostTeacher.user_id)
        .where(
            Guardianship.user_id == viewer.id,
            Guardianship.revoked_at.is_(None),
            or_(access.invitees_of(viewer), ended),
        )
        .order_by(MeetingRound.closes_at, MeetingRound.id, Pupil.sort_key, Invitee.id, User.id)
    )


@cache
def _one_round(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    return _query(viewer, access.ended_talks_of(viewer)).where(
        MeetingRound.id == bindparam("round_id", type_=Integer)
    )


@cache
def _rounds_now(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    now = bindparam("now", type_=UtcDateTime)
    # A child that is talked about with a brother or sister has their time.
    lead = select(_lead_time.invitee_id).where(_lead_time.cancelled_at.is_(None), _lead_time.ends_at > now)
    return _query(viewer, false()).where(
        or_(MeetingRound.closes_at > now, Booking.ends_at > now, Invitee.joined_to.in_(lead))
    )


@cache
def _every_round(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    return _query(viewer, access.ended_talks_of(viewer))


def _rounds(rows: list[tuple[Any, ...]]) -> list[FamilyRound]:
    facts: dict[int, RoundFacts] = {}
    talks: dict[int, dict[int, list[tuple[Any, ...]]]] = {}
    middle = len(RoundFacts.__slots__)
    for row in rows:
        if row[0] not in facts:
            facts[row[0]] = RoundFacts(*row[:middle])
        talks.setdefault(row[0], {}).setdefault(row[middle + len(Booked.__slots__)], []).append(row[middle:])
    found = [_round(one, list(talks[one.id].values())) for one in facts.values()]
    gone = [talk_id for _, talk_ids in found for talk_id in talk_ids]
    ended = ended_with_a_time(gone) if gone else {}
    return [
        replace(round_, ended=tuple(ended[one] for one in ended if one in talk_ids))
        for round_, talk_ids in found
    ]


def _round(facts: RoundFacts, talks: list[list[tuple[Any, ...]]]) -> tuple[FamilyRound, set[int]]:
    """Return a round and which of its talks ended, without those that are offered again at that table."""
    every = [(_talk(rows, facts.talk_minutes), rows[0][_ENDED_AT] is not None) for rows in talks]
    offered = tuple(talk for talk, has_ended in every if not has_ended)
    seats = {(talk.pupil_id, talk.host_id) for talk in offered}
    gone = {talk.id for talk, has_ended in every if has_ended and (talk.pupil_id, talk.host_id) not in seats}
    return FamilyRound(facts, offered), gone


def _talk(rows: list[tuple[Any, ...]], usual_minutes: int) -> Talk:
    first = rows[0]
    booked, (
        talk_id, pupil_id, given_name, prefix, surname, host_id, guardian_id, joined_to, own, table, asked,
        declined_at, room, building, video_url, offer_id, offer_from, offer_to, offer_until, is_there,
        waits, wished, unsaid, *_,
    ) = first[: len(Booked.__slots__)], first[len(Booked.__slots__) :]  # fmt: skip
    teachers = (row[-4] or names.full(row[-3] or "", row[-2] or "", row[-1] or "") for row in rows)
    return Talk(
        id=talk_id,
        pupil_id=pupil_id,
        called=given_name or names.full(given_name, prefix, surname),
        host_id=host_id,
        guardian_id=guardian_id,
        joined_to=joined_to,
        minutes=own or table or usual_minutes,
        asked=asked,
        declined=declined_at is not None,
        room=room,
        building=building,
        video_url=video_url,
        teachers=tuple(name for name in teachers if name),
        booked=Booked(*booked) if booked[0] is not None else None,
        offered=Offered(offer_id, offer_from, offer_to, offer_until) if is_there else None,
        waits_until=waits,
        wished=bool(wished),
        unsaid_until=unsaid,
    )
