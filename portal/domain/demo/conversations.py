"""What parents and teachers of De Lindeboog wrote to each other in private, the last days."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import delete, func, select

from portal import clock
from portal.access import Viewer
from portal.domain.conversations import begin, close, mark_read, planned, write
from portal.domain.demo.people import Adult, Child
from portal.domain.demo.plan import Plan
from portal.domain.mail_trouble import MESSAGE
from portal.domain.school_days import SchoolDays
from portal.extensions import db
from portal.models.conversations import Conversation, ConversationMessage
from portal.models.outbox import OutgoingMessage
from portal.models.roster import Group, Pupil

PARENT, TEACHER = "parent", "teacher"


@dataclass(frozen=True, slots=True)
class DemoTalk:
    """What was said, by whom and how many minutes after the first. The last may wait to be read."""

    days_ago: int
    said: tuple[tuple[str, int, str], ...]
    at: time = time(16, 10)
    last_is_read: bool = False
    closed: bool = False


FIRST_PARENT = DemoTalk(
    1,
    (
        (PARENT, 0, "{child} vertelde thuis dat het rekenen lastig is.\n\nMerkt u dat ook in de klas?"),
        (TEACHER, 55, "Ja, vooral de sommen over het tiental. Wij oefenen dat nu elke ochtend kort."),
        (PARENT, 70, "Fijn om te weten. Kunnen wij thuis iets doen?"),
        (TEACHER, 930, "Graag. Vijf minuten per dag met een dobbelspel helpt al. Ik geef er morgen een mee."),
    ),
)
ONE_OF_TWO = DemoTalk(
    2, ((PARENT, 0, "Wilt u mij ook bellen als {child} ziek naar huis gaat? Ik haal dan op."),)
)
OTHER_OF_TWO = DemoTalk(
    3,
    (
        (TEACHER, 0, "Het rapportgesprek kan ook met u apart. Laat u weten welke dag u past?"),
        (PARENT, 190, "Dank u. Woensdagmiddag past het best."),
    ),
    last_is_read=True,
)
OTHERS = (
    DemoTalk(
        0,
        ((PARENT, 0, "{child} heeft vandaag een andere jas aan, een groene. Let u daar op?"),),
        at=time(7, 40),
    ),
    DemoTalk(
        5,
        (
            (PARENT, 0, "De bril van {child} is kwijt. Ligt die misschien nog op school?"),
            (TEACHER, 40, "Gevonden, hij lag bij de kapstok. Hij zit nu in de tas."),
            (PARENT, 60, "Heel fijn, dank u wel."),
        ),
        last_is_read=True,
        closed=True,
    ),
)


def write_conversations(plan: Plan, groups: Sequence[int], days: SchoolDays, now: datetime) -> None:
    """Let parents and teachers write to each other by the portal's own verbs; `groups` are this year's.

    The first parent has an answer to read, two separated parents have each their own, most teachers have a
    message that waits.
    """
    taken = set()
    for talk, parent, child in _pairs(plan):
        if (parent.id, child.id) not in taken and plan.groups[child.group].teachers:
            taken.add((parent.id, child.id))
            teacher = plan.groups[child.group].teachers[0][0]
            _write(talk, parent, teacher, child, groups[child.group], _moment(talk, days, now))
    db.session.execute(
        delete(OutgoingMessage)
        .where(OutgoingMessage.kind == MESSAGE)
        .execution_options(synchronize_session=False)
    )
    db.session.expunge_all()


def _pairs(plan: Plan) -> Iterator[tuple[DemoTalk, Adult, Child]]:
    """Yield who writes about which child: the parents of the demo's story, then one or two of each group."""
    in_order = [one for one in plan.guardians if one.way_in == "active"]
    for talk, parent in zip((FIRST_PARENT, ONE_OF_TWO, OTHER_OF_TWO), in_order, strict=False):
        child = next(_children_of(plan, parent), None)
        if child is not None:
            yield talk, parent, child
    for number in range(len(plan.groups)):
        for talk, (parent, child) in zip(OTHERS, _writing_about(plan, number), strict=False):
            yield talk, parent, child


def _writing_about(plan: Plan, group: int) -> Iterator[tuple[Adult, Child]]:
    for child in reversed(plan.children):
        guard = next((one for one in child.guards if _writes(one.adult) and one.has_authority), None)
        if child.group == group and guard is not None:
            yield guard.adult, child


def _children_of(plan: Plan, parent: Adult) -> Iterator[Child]:
    return (
        child
        for child in plan.children
        if any(one.adult is parent and one.has_authority for one in child.guards)
    )


def _writes(adult: Adult) -> bool:
    return adult.way_in == "active" and not adult.role


def _moment(talk: DemoTalk, days: SchoolDays, now: datetime) -> datetime:
    today: date = clock.to_local(now).date()
    day = today - timedelta(days=talk.days_ago)
    if not days.is_school_day(day):
        day = days.previous_school_day(day)
    moment = datetime.combine(day, talk.at, clock.SCHOOL_ZONE)
    last = timedelta(minutes=talk.said[-1][1] + 5)
    return moment if moment + last < now else min(moment - timedelta(days=1), now - last)


def _write(
    talk: DemoTalk, parent: Adult, teacher: Adult, child: Child, group_id: int, moment: datetime
) -> None:
    group = db.session.get_one(Group, group_id)
    plan = planned(db.session.get_one(Pupil, child.id), parent.id, group)
    viewers = {PARENT: Viewer(parent.id), TEACHER: Viewer(teacher.id, role=teacher.role)}
    conversation: Conversation | None = None
    for who, minutes, text in talk.said:
        words, at = text.format(child=child.name.given_name), moment + timedelta(minutes=minutes)
        if conversation is None:
            conversation = begin(plan, viewers[who], words, "", at)
        else:
            write(conversation, viewers[who], words, "", at, seen=_last(conversation))
    if conversation is not None and talk.last_is_read:
        for viewer in viewers.values():
            mark_read(conversation, viewer, _last(conversation), moment)
    if conversation is not None and talk.closed:
        close(conversation, viewers[TEACHER], moment + timedelta(days=1))


def _last(conversation: Conversation) -> int:
    newest = select(func.max(ConversationMessage.id))
    return db.session.scalar(newest.where(ConversationMessage.conversation_id == conversation.id)) or 0
