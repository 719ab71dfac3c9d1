"""What home and the page of a child say of the talks that a guardian has or may choose."""

from dataclasses import dataclass
from datetime import datetime

from portal.access import Viewer
from portal.domain.meeting_choices import FamilyRound, Talk, rounds_now


@dataclass(frozen=True, slots=True)
class ChildTalk:
    """What home says of a child's talk: `state` is 'booked', 'choose', 'wishes' or 'soon', `at` its moment.

    That is when the talk is, until when one chooses, or from when.
    """

    round_id: int
    talk_id: int
    name: str
    state: str
    at: datetime
    teachers: tuple[str, ...]


def talks_at_home(viewer: Viewer, now: datetime) -> dict[int, list[ChildTalk]]:
    """Return what home says of the talks of each of the viewer's children, by its number, in one query."""
    found: dict[int, list[ChildTalk]] = {}
    for round_ in rounds_now(viewer, now):
        for talk in round_.talks:
            said = _at_home(round_, talk, now)
            if said:
                found.setdefault(talk.pupil_id, []).append(said)
    return found


def _at_home(round_: FamilyRound, talk: Talk, now: datetime) -> ChildTalk | None:
    facts, lead = round_.facts, round_.talk(talk.joined_to) or talk
    if lead.booked:
        state, at = ("booked", lead.booked.starts_at) if lead.booked.ends_at > now else ("", now)
    elif lead.declined or now >= facts.closes_at:
        return None
    elif round_.may_choose(now):
        state, at = "wishes" if facts.kind == "wishes" else "choose", facts.closes_at
    else:
        state, at = "soon", round_.chooses_from
    return ChildTalk(facts.id, lead.id, facts.name, state, at, talk.teachers) if state else None
