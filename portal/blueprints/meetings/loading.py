"""How a round, a table, a place and a talk reach the pages of who works at school."""

from datetime import date

from flask import abort, request

from portal import access, clock
from portal.access import Viewer, one_or_404, viewer
from portal.blueprints.staff.blueprint import staff_viewer
from portal.domain import meeting_talks_at_school
from portal.domain.meeting_tables import Table, table_of
from portal.domain.meeting_talks_at_school import Talk
from portal.models.meetings import Invitee, MeetingHost, MeetingRound, Slot


def asked_day() -> date | None:
    """Return the day in the address, None when there is none or it is no day."""
    return request.values.get("day", type=date.fromisoformat)


def kept_round(round_id: int) -> MeetingRound:
    """Return a round that the office keeps, or answer 404."""
    return one_or_404(MeetingRound, round_id, access.rounds_kept_by(viewer()))


def own_host(host_id: int) -> tuple[Viewer, MeetingHost]:
    """Return who is signed in, and a table that this person has at school."""
    person = staff_viewer()
    return person, one_or_404(MeetingHost, host_id, access.hosts_kept_by(person))


def own_table(host_id: int) -> tuple[Viewer, Table]:
    """Return who is signed in, and a table of theirs with its round, groups and teachers."""
    person, host = own_host(host_id)
    return person, table_of(host)


def own_slot(slot_id: int) -> tuple[Viewer, Slot, Table]:
    """Return who is signed in, a place at a table of theirs, and the table."""
    person = staff_viewer()
    slot = one_or_404(Slot, slot_id, access.slots_kept_by(person))
    host = one_or_404(MeetingHost, slot.host_id, access.hosts_kept_by(person))
    return person, slot, table_of(host)


def own_invitee(invitee_id: int) -> tuple[Viewer, Invitee, Table]:
    """Return who is signed in, a talk that they have at school, and its table; ended ones are gone."""
    person = staff_viewer()
    invitee = one_or_404(Invitee, invitee_id, access.invitees_of_school(person))
    if invitee.ended_at or invitee.joined_to:
        abort(404)
    host = one_or_404(MeetingHost, invitee.host_id, access.hosts_kept_by(person))
    return person, invitee, table_of(host)


def lead_of(invitee_id: int) -> int | None:
    """Return the number of the talk in which the child of a talk is talked about too, None for its own."""
    return one_or_404(Invitee, invitee_id, access.invitees_of_school(staff_viewer())).joined_to


def talk_of(person: Viewer, invitee: Invitee) -> Talk:
    """Return what the pages show of a talk."""
    found = meeting_talks_at_school.talks_of(person, [invitee.host_id], invitee.id, clock.now())
    return found[0] if found else abort(404)
