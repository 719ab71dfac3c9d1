"""At how many tables of the rounds that run there may be too few times left, for the pages of the office."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select

from portal.domain.meeting_capacity import GOOD, Fit, free_places, places_taken, without_time
from portal.extensions import db
from portal.models.meetings import HostTeacher, MeetingHost, MeetingRound


def short_tables(round_ids: Iterable[int], now: datetime) -> dict[int, int]:
    """Return for each round at how many tables the free times are not, or just, enough.

    In as many queries for many rounds as for one; a round where all is well is not there.
    """
    minutes = func.coalesce(MeetingHost.talk_minutes, MeetingRound.talk_minutes)
    sits = select(HostTeacher.host_id).where(HostTeacher.host_id == MeetingHost.id).exists()
    hosts = db.session.execute(
        select(MeetingHost.id, MeetingHost.round_id, minutes)
        .join(MeetingRound, MeetingRound.id == MeetingHost.round_id)
        .where(MeetingRound.id.in_(list(round_ids)), sits)
    ).all()
    free = free_places([host_id for host_id, *_ in hosts], now)
    waiting = without_time([host_id for host_id, *_ in hosts])
    found: dict[int, int] = {}
    for host_id, round_id, length in hosts:
        needed = sum(places_taken(own or length, length) for _pupil, own in waiting[host_id])
        talks, places = len(waiting[host_id]), free.get(host_id, 0)
        if Fit(host_id, (), (), 0, talks, needed, places).state != GOOD:
            found[round_id] = found.get(round_id, 0) + 1
    return found
