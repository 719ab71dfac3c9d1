"""Talks of meeting rounds: who may read what of them, and what each of their scopes holds."""

from collections.abc import Callable

from tests.privacy.readers import Reader, guardians, is_apart
from tests.privacy.rows import Row, School

Holds = Callable[[Reader, Row], bool]


def is_published(world: School, round_: int) -> bool:
    row = world.one("meeting_rounds", id=round_)
    return row["published_at"] is not None and row["withdrawn_at"] is None


def is_offered(r: Reader, talk: Row) -> bool:
    return is_meant_for(r, talk) and is_published(r.world, talk["round_id"])


def is_meant_for(r: Reader, talk: Row) -> bool:
    """For a guardian with authority: the own talk, or that of both unless they come apart (R20)."""
    own = talk["guardian_id"] == r.id
    both = talk["guardian_id"] is None and not is_apart(r.world, talk["pupil_id"])
    return (own or both) and talk["ended_at"] is None and r.decides(talk["pupil_id"])


def hears_that_it_is_off(r: Reader, round_: Row) -> bool:
    """Who was told of a round that was called off, and would still have a talk there."""
    told = r.world.of("rounds_told", user_id=r.id, round_id=round_["id"], what="opened")
    talks = r.world.of("meeting_invitees", round_id=round_["id"])
    return bool(round_["withdrawn_at"] and told and any(is_meant_for(r, talk) for talk in talks))


def receives(r: Reader, host: int) -> bool:
    """As school: who sits at a table once the round is published, and the office."""
    sits = r.world.of("meeting_host_teachers", host_id=host, user_id=r.id)
    round_ = r.world.one("meeting_hosts", id=host)["round_id"]
    return r.is_office or bool(r.role and sits and is_published(r.world, round_))


def is_of_school(r: Reader, talk: Row) -> bool:
    """As who receives, but not about the own child, nor about one of whom somebody keeps off (R22)."""
    return receives(r, talk["host_id"]) and is_told(r, talk["pupil_id"])


def is_told(r: Reader, pupil: int) -> bool:
    near = any(r.is_beside(adult) for adult in guardians(r.world, pupil))
    return not r.guards(pupil) and not r.is_barred(pupil) and not near


def had(r: Reader, talk: Row) -> bool:
    """Whose a talk was when it ended, as it was kept then, as long as one is a guardian with authority."""
    was_theirs = r.world.of("talk_parties", invitee_id=talk["id"], user_id=r.id, as_school=False)
    ended = talk["ended_at"] is not None and is_published(r.world, talk["round_id"])
    return bool(was_theirs) and ended and r.decides(talk["pupil_id"])


def is_or_was_offered(r: Reader, talk: Row) -> bool:
    return is_offered(r, talk) or had(r, talk)


def ended_at_school(r: Reader, talk: Row) -> bool:
    """As who wrote about a talk that ended, also when the table is gone."""
    ended = talk["ended_at"] is not None and is_published(r.world, talk["round_id"])
    return bool(r.role) and ended and is_told(r, talk["pupil_id"])


def talk_of(r: Reader, row: Row) -> Row:
    return r.world.one("meeting_invitees", id=row["invitee_id"])


def about(rule: Holds) -> Holds:
    """The rule for a talk, for a row about that talk."""
    return lambda r, row: rule(r, talk_of(r, row))


def offered_at(r: Reader, host: int) -> bool:
    return any(is_offered(r, talk) for talk in r.world.of("meeting_invitees", host_id=host))


def round_of_children(r: Reader, round_: Row) -> bool:
    return any(is_offered(r, talk) for talk in r.world.of("meeting_invitees", round_id=round_["id"]))


def round_of_school(r: Reader, round_: Row) -> bool:
    sits = r.world.of("meeting_host_teachers", round_id=round_["id"], user_id=r.id)
    return r.is_office or bool(r.role and sits and is_published(r.world, round_["id"]))


def history_known(r: Reader, event: Row) -> bool:
    named = event["invitee_id"] is None or is_of_school(r, talk_of(r, event))
    return r.is_office and named and not (event["actor_id"] and r.is_beside(event["actor_id"]))


def own_history(r: Reader, event: Row) -> bool:
    """Of the talks that one has as a guardian, since they are offered so: not what one of them did before."""
    talk = talk_of(r, event) if event["invitee_id"] is not None else None
    return talk is not None and event["at"] >= talk["created_at"] and is_or_was_offered(r, talk)


def of_office(r: Reader, _row: Row) -> bool:
    return r.is_office


def own_note(r: Reader, note: Row) -> bool:
    talk = talk_of(r, note)
    return note["author_id"] == r.id and (is_of_school(r, talk) or ended_at_school(r, talk))


def report_read(r: Reader, report: Row) -> bool:
    return report["shared_at"] is not None and is_or_was_offered(r, talk_of(r, report))


def report_kept(r: Reader, report: Row) -> bool:
    """As school: the own report, also of an ended talk, and a colleague's once the parents may read it."""
    talk, own = talk_of(r, report), report["author_id"] == r.id
    finished = report["shared_at"] is not None or own
    return (finished and is_of_school(r, talk)) or (own and ended_at_school(r, talk))


SCOPES: dict[str, tuple[str, Holds]] = {
    "bookings_of_children": ("bookings", about(is_offered)),
    "bookings_of_school": ("bookings", about(is_of_school)),
    "ended_talks_of": ("meeting_invitees", had),
    "hosts_kept_by": ("meeting_hosts", lambda r, row: receives(r, row["id"])),
    "invitees_of": ("meeting_invitees", is_offered),
    "invitees_of_school": ("meeting_invitees", is_of_school),
    "meeting_history_known_to": ("meeting_events", history_known),
    "meeting_history_of": ("meeting_events", own_history),
    "offers_made_to": ("slot_offers", about(is_offered)),
    "own_feed": ("meeting_feeds", lambda r, row: row["user_id"] == r.id),
    "own_talk_notes": ("talk_notes", own_note),
    "rounds_kept_by": ("meeting_rounds", of_office),
    "rounds_of_children": ("meeting_rounds", round_of_children),
    "rounds_of_school": ("meeting_rounds", round_of_school),
    "slots_at_tables_of": ("slots", lambda r, row: offered_at(r, row["host_id"])),
    "slots_kept_by": ("slots", lambda r, row: receives(r, row["host_id"])),
    "slots_offered_to": (
        "slots",
        lambda r, row: row["state"] == "open" and offered_at(r, row["host_id"]),
    ),
    "talk_reports_kept_by": ("talk_reports", report_kept),
    "talk_reports_read_by": ("talk_reports", report_read),
    "waiting_times_of": ("meeting_waiting_times", about(is_offered)),
}
"""What each scope of talks holds exactly."""


def round_known(r: Reader, round_: Row) -> bool:
    """Who is or was invited, who receives or wrote about a talk that ended, and the office."""
    talks = r.world.of("meeting_invitees", round_id=round_["id"])
    ended = any(had(r, talk) or wrote_of_ended(r, talk) for talk in talks)
    return round_of_children(r, round_) or round_of_school(r, round_) or ended


def table_known(r: Reader, host: Row) -> bool:
    """Who is invited at a table, who sits at it, and the office."""
    return offered_at(r, host["id"]) or receives(r, host["id"])


def meets(r: Reader, adult: int) -> bool:
    """As school: in a talk about a child of that adult."""
    places = r.world.of("guardianships", user_id=adult, revoked_at=None)
    return any(meets_pupil(r, row["pupil_id"]) for row in places)


def has_talk_of(r: Reader, adult: int) -> bool:
    """As school: a talk of that adult, also of a guardian who is none any more until the worker ends it."""
    talks = r.world.of("meeting_invitees", guardian_id=adult, ended_at=None)
    return any(is_of_school(r, talk) for talk in talks)


def meets_pupil(r: Reader, pupil: int) -> bool:
    """As school: in a talk about that pupil, or with what one wrote about one that ended."""
    talks = r.world.of("meeting_invitees", pupil_id=pupil)
    return any(
        is_of_school(r, talk) if talk["ended_at"] is None else wrote_of_ended(r, talk) for talk in talks
    )


def wrote_of_ended(r: Reader, talk: Row) -> bool:
    own = {"invitee_id": talk["id"], "author_id": r.id}
    wrote = r.world.of("talk_notes", **own) or r.world.of("talk_reports", **own)
    return bool(wrote) and ended_at_school(r, talk)


def meets_family(r: Reader, pupil: int) -> bool:
    """As school: in a talk of a guardian of that pupil, who has to go on to another one about it."""
    return is_told(r, pupil) and any(meets(r, adult) for adult in guardians(r.world, pupil))


def at_door(r: Reader, pupil: int) -> bool:
    """As school: in a talk at one's own table to which both guardians come, as the list on the door says."""
    talks = r.world.of("meeting_invitees", pupil_id=pupil, ended_at=None, guardian_id=None)
    return any(receives(r, talk["host_id"]) for talk in talks)


def talk_known(r: Reader, talk: Row) -> bool:
    """The guardians of the talk, and who has it as school."""
    return is_offered(r, talk) or is_of_school(r, talk)


MAY_READ: dict[str, Holds] = {
    "bookings.subjects": about(talk_known),
    "bookings.uid": about(talk_known),
    "meeting_hosts.building": table_known,
    "meeting_hosts.room": table_known,
    "meeting_hosts.video_url": table_known,
    "meeting_rounds.name": round_known,
    "talk_notes.after": own_note,
    "talk_notes.before": own_note,
    "talk_reports.text": lambda r, row: report_read(r, row) or report_kept(r, row),
}
