"""What home and the page of a child say of the talks that a guardian has or may choose."""

from dataclasses import dataclass, replace
from datetime import datetime

from portal.access import Viewer
from portal.domain.meeting_choices import FamilyRound, Talk, rounds_now


@dataclass(frozen=True, slots=True)
class ChildTalk:
    """What home says of a child's talk: `state` is one of these, `at` its moment.

    'booked': when the talk is; 'offered': the time that is held for it until `until`; 'choose', 'waits',
    'wishes' and 'wished': until when one chooses, also from the waiting list, or says what suits, also when
    that was said; 'soon' and 'wishes_soon': from when.
    """

    round_id: int
    talk_id: int
    name: str
    state: str
    at: datetime
    teachers: tuple[str, ...]
    offer_id: int = 0
    until: datetime | None = None


def talks_at_home(viewer: Viewer, now: datetime) -> dict[int, list[ChildTalk]]:
    """Return what home says of the talks of each of the viewer's children, by its number, in one query."""
    found: dict[int, list[ChildTalk]] = {}
    for round_ in rounds_now(viewer, now):
        for talk in round_.talks:
            lead = round_.talk(talk.joined_to) or talk
            said = [_offered(round_, lead, now), _at_home(round_, lead, now)]
            own = [replace(one, teachers=talk.teachers) for one in said if one]
            if own:
                found.setdefault(talk.pupil_id, []).extend(own)
    return found


def _offered(round_: FamilyRound, talk: Talk, now: datetime) -> ChildTalk | None:
    offer = talk.offer(now)
    if offer is None:
        return None
    said = _said(round_, talk, "offered", offer.starts_at)
    return replace(said, offer_id=offer.id, until=offer.expires_at)


def _at_home(round_: FamilyRound, talk: Talk, now: datetime) -> ChildTalk | None:
    facts = round_.facts
    if talk.booked:
        return _said(round_, talk, "booked", talk.booked.starts_at) if talk.booked.ends_at > now else None
    if talk.declined or now >= facts.closes_at or talk.offer(now):
        return None
    if not round_.may_choose(now):
        state = "wishes_soon" if facts.kind == "wishes" else "soon"
        return _said(round_, talk, state, round_.chooses_from)
    if facts.kind == "wishes":
        state = "wished" if talk.is_passed_on(now) else "wishes"
    else:
        state = "waits" if talk.waits(now) else "choose"
    return _said(round_, talk, state, facts.closes_at)


def _said(round_: FamilyRound, talk: Talk, state: str, at: datetime) -> ChildTalk:
    return ChildTalk(round_.facts.id, talk.id, round_.facts.name, state, at, talk.teachers)
