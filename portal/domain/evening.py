"""The evening itself: which talk is on, which are done, and how late a table is."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from portal import access, clock
from portal.access import Viewer
from portal.domain import audit, meeting_schedule, meeting_tables, meeting_twins
from portal.domain.holding import hold, version_of
from portal.domain.meeting_schedule import Row
from portal.domain.meeting_tables import MOST_LATE, lateness
from portal.domain.meeting_talks_at_school import Talk
from portal.domain.video_rooms import open_rooms
from portal.errors import Refused
from portal.extensions import db, insert_into
from portal.formatting import local_date
from portal.models.meeting_talks import HostEvening
from portal.models.meetings import Booking, Invitee, MeetingHost
from portal.models.roster import Pupil
from portal.words import gettext

OUTCOMES = ("", "present", "absent", "later")
LATENESS = (0, 5, 10, 15, 20, 30)
"""The minutes behind that a teacher can say with one tap."""

STEP = 5


@dataclass(frozen=True, slots=True)
class Evening:
    """One table's talks of one day. `late`: minutes behind, as the teacher last said.

    `suggested`: the minutes that the running talk is over its time, in steps, when that is more than `late`.
    """

    day: date
    rows: tuple[Row, ...]
    late: int
    suggested: int | None

    @property
    def waiting(self) -> list[Row]:
        """The talks that are still to be held, in order of time; the first is on, or the next."""
        return [row for row in self.rows if row.kind == "taken" or (row.talk and not row.talk.outcome)]

    @property
    def current(self) -> Talk | None:
        """The talk that the teacher has now, or has next."""
        return next((row.talk for row in self.waiting if row.talk), None)

    @property
    def done(self) -> list[Talk]:
        """The talks that were held or missed, the last one first."""
        held = [row.talk for row in self.rows if row.talk and row.talk.outcome]
        return sorted(held, key=lambda talk: talk.done_at or clock.now(), reverse=True)

    @property
    def version(self) -> str:
        """Changes when anything on the page does."""
        said = [
            (row.slot_id, (row.talk.outcome, row.talk.pupil, row.talk.video) if row.talk else "")
            for row in self.rows
        ]
        return version_of(self.late, self.suggested, *said)


def evening(viewer: Viewer, host: MeetingHost, asked: date | None, now: datetime) -> Evening | None:
    """Return how the talks of a table go on a day, or None when it has no days."""
    found = meeting_schedule.schedule(viewer, host, now)
    day = meeting_schedule.chosen_day([one.day for one in found.days], asked, clock.today())
    if day is None:
        return None
    late = lateness([host.id], day).get(host.id, 0)
    rows = [row for row in found.of_day(day) if row.kind in ("booked", "taken")]
    running = next((row for row in rows if row.talk and not row.talk.outcome), None)
    return Evening(day, tuple(rows), late, _suggested(running, late, now))


def _suggested(running: Row | None, late: int, now: datetime) -> int | None:
    if running is None or now <= running.ends_at:
        return None
    over = -(-int((now - running.ends_at).total_seconds()) // (60 * STEP)) * STEP
    return over if late < over <= MOST_LATE else None


def say_late(host: MeetingHost, day: date, minutes: int, actor: Viewer, now: datetime) -> None:
    """Tell who waits how many minutes a table is behind; 0 when it is on time again.

    Raises Refused on any other day: nobody waits.
    """
    if day != clock.to_local(now).date():
        raise Refused(gettext("That can be said on the day of the talks itself."))
    said = {"late_minutes": minutes, "said_at": now}
    row = insert_into(HostEvening).values(host_id=host.id, day=day, **said)
    db.session.execute(row.on_conflict_do_update(index_elements=["host_id", "day"], set_=said))
    audit.record(actor, "say_late", "meeting_host", host.id)


def note_outcome(booking: Booking, outcome: str, actor: Viewer, now: datetime) -> None:
    """Note how a talk went: present, absent, called later; '' takes it back. `outcome`: one of OUTCOMES.

    Raises Refused for one that was cancelled, and before the day of the talk.
    """
    hold(booking)
    if booking.cancelled_at:
        raise Refused(gettext("This talk was cancelled meanwhile."))
    if outcome and clock.to_local(now).date() < local_date(booking.starts_at):
        raise Refused(gettext("That can be said from the day of the talk itself."))
    booking.outcome = outcome
    booking.done_at = now if outcome else None
    audit.record(actor, "note_talk_outcome", "booking", booking.id)


@dataclass(frozen=True, slots=True)
class OwnTalk:
    """A talk of today, as the guardian who waits for it sees it. `expected_at`: with the lateness added.

    `video`: its address while that is told.
    """

    child: str
    teachers: tuple[str, ...]
    room: str
    way: str
    starts_at: datetime
    late: int
    is_done: bool
    video: str

    @property
    def expected_at(self) -> datetime:
        """When it begins by what the teacher said."""
        return self.starts_at + timedelta(minutes=self.late)


def talks_today(viewer: Viewer, round_id: int, now: datetime) -> list[OwnTalk]:
    """Return a guardian's own talks of today in a round, in order of time."""
    day = clock.to_local(now).date()
    rows = db.session.execute(
        select(Booking, Pupil)
        .join(Invitee, Invitee.id == Booking.invitee_id)
        .join(Pupil, Pupil.id == Invitee.pupil_id)
        .where(
            Invitee.round_id == round_id,
            access.invitees_of(viewer),
            Booking.cancelled_at.is_(None),
            Booking.starts_at > now - timedelta(days=1),
            Booking.starts_at < now + timedelta(days=1),
        )
        .order_by(Booking.starts_at, Booking.id)
    ).all()
    today = [(booking, pupil) for booking, pupil in rows if clock.to_local(booking.starts_at).date() == day]
    hosts = {booking.host_id for booking, _ in today}
    late = lateness(hosts, day)
    tables = {table.host.id: table for table in meeting_tables.tables_with(hosts)}
    too = meeting_twins.joined_to([booking.invitee_id for booking, _ in today], access.invitees_of(viewer))
    rooms = open_rooms(
        ((booking, booking.host_id, tables[booking.host_id].host.video_url) for booking, _ in today), now
    )
    return [
        OwnTalk(
            meeting_twins.called([pupil, *too.get(booking.invitee_id, ())]),
            tables[booking.host_id].teachers,
            tables[booking.host_id].room,
            booking.way,
            booking.starts_at,
            late.get(booking.host_id, 0),
            booking.outcome != "",
            rooms.get(booking.id, ""),
        )
        for booking, pupil in today
    ]
