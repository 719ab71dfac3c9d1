"""What became of a letter: who read it, whom it reached, and whom not."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select, true

from portal import names
from portal.access import Viewer, adults_managed_by, pupils_of_school, recipients_known_to
from portal.access.directory import guarded_by_unknown
from portal.access.pupils import is_family
from portal.domain.letter_audience import Part
from portal.domain.letter_copies import is_old_news
from portal.domain.letter_reminders import (
    is_gone,
    is_reminded,
    is_sent_again,
    is_still_for,
    mail_waits,
    tried_again_at,
)
from portal.domain.letter_unreached import children_nobody_told
from portal.domain.mail_trouble import takes_no_mail
from portal.domain.notice_choices import reads_in_portal
from portal.domain.roster_lists import HOME
from portal.extensions import db
from portal.models.accounts import User
from portal.models.letters import Letter, LetterChild, LetterRecipient
from portal.models.roster import Group, Guardianship, Membership, Pupil

READ, DELIVERED, WAITING, HELD = "read", "delivered", "waiting", "held"
PORTAL, FAILED, NO_MAIL, UNTOLD, CLOSED = "portal", "failed", "no_mail", "untold", "closed"


@dataclass(frozen=True, slots=True)
class Child:
    """A child about whom somebody has a letter. `relation`: 'moeder', or '' when nobody noted it."""

    id: int
    name: str
    relation: str
    group: str


@dataclass(frozen=True, slots=True)
class Copy:
    """The letter as one guardian has it.

    `state`: one of the constants above; 'held' waits for the mail of a day, and 'portal' wants no mail,
    or got none as they wanted none then or the letter was old already. 'no_mail' has no address; 'untold'
    has one since the letter went; 'closed' is an account that is. `address` is there only for who may
    change it. `failure`: a mail server's code. `mail_goes`: the address that the person has now is not
    known to be wrong. `may_be_sent`: it can be sent again now. `tried_again_at`: when the next mail about
    it goes; None without one.
    """

    user_id: int
    name: str
    state: str
    at: datetime | None
    failure: str
    address: str
    may_fix: bool
    mail_goes: bool
    may_be_sent: bool
    reminded_at: datetime | None
    tried_again_at: datetime | None
    children: tuple[Child, ...]

    @property
    def is_lost(self) -> bool:
        """Whether nobody told the person of the letter, and they did not find it by themselves."""
        return self.state in (FAILED, NO_MAIL, UNTOLD, CLOSED)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a letter, as far as the reader knows those who received it."""

    copies: tuple[Copy, ...]
    to_remind: int
    unreached: tuple[str, ...]

    def of(self, *states: str) -> list[Copy]:
        """Return the copies in these states, in the order of the guardians' names."""
        return [copy for copy in self.copies if copy.state in states]


def delivery(viewer: Viewer, letter: Letter, parts: Sequence[Part], now: datetime) -> Delivery:
    """Return what became of each copy that the reader may know about.

    `parts`: whom it was for. Not of what was not read and is not for that person any more, as the child has
    left.
    """
    is_there = false() if is_gone(letter, now) else true()
    rows = db.session.execute(
        select(
            *(User.id, User.given_name, User.prefix, User.surname, User.organisation, User.email),
            *(LetterRecipient.opened_at, LetterRecipient.mailed_at, LetterRecipient.failed_at),
            *(LetterRecipient.failure, LetterRecipient.reminded_at, LetterRecipient.held_at),
            LetterRecipient.unwanted_at,
            *(LetterRecipient.received_at, mail_waits().label("mail_waits")),
            reads_in_portal().label("in_portal"),
            tried_again_at().label("tried_again_at"),
            takes_no_mail().label("no_mail"),
            adults_managed_by(viewer).label("may_fix"),
            and_(is_there, *is_reminded(letter, now)).label("to_remind"),
            and_(is_there, *is_sent_again(letter, now)).label("may_be_sent"),
            User.disabled_at.is_not(None).label("is_closed"),
        )
        .join(User, User.id == LetterRecipient.user_id)
        .where(
            LetterRecipient.letter_id == letter.id,
            recipients_known_to(viewer),
            or_(LetterRecipient.opened_at.is_not(None), is_still_for()),
        )
        .order_by(User.sort_key, User.id)
    ).all()
    children = _children(viewer, letter.id)
    copies = []
    for row in rows:
        state, moment = _state(letter, row)
        name = names.of_adult(*row[1:4], row.organisation, row.email)
        copies.append(
            Copy(
                user_id=row.id,
                name=name,
                state=state,
                at=moment,
                failure=row.failure,
                address=row.email or "" if row.may_fix else "",
                may_fix=row.may_fix,
                mail_goes=not row.no_mail,
                may_be_sent=bool(row.may_be_sent),
                reminded_at=row.reminded_at,
                tried_again_at=row.tried_again_at,
                children=tuple(children.get(row.id, ())),
            )
        )
    without = {one.pupil_id for one in children_nobody_told(viewer, letter, parts, now)}
    to_remind = sum(bool(row.to_remind) for row in rows)
    return Delivery(tuple(copies), to_remind, tuple(_unreached(viewer, copies, without)))


def _state(letter: Letter, row: Any) -> tuple[str, datetime | None]:
    wants_none = row.in_portal and not letter.urgent
    if row.opened_at:
        return READ, row.opened_at
    if row.is_closed:
        return CLOSED, None
    if row.failed_at and not (wants_none and row.email):
        return FAILED, row.failed_at
    if row.mailed_at and not row.failed_at:
        return DELIVERED, row.mailed_at
    if not row.email:
        return NO_MAIL, None
    if row.held_at:
        return HELD, None
    if wants_none:
        return PORTAL, None
    if row.mail_waits:
        return WAITING, None
    return PORTAL if row.unwanted_at or is_old_news(letter, row.received_at) else UNTOLD, None


def _children(viewer: Viewer, letter_id: int) -> dict[int, list[Child]]:
    """Return about which children each guardian has the letter, of those whom the reader has at school."""
    rows = db.session.execute(
        select(LetterChild.user_id, Pupil.id, Pupil.given_name, Guardianship.relation, Group.name)
        .join(Pupil, Pupil.id == LetterChild.pupil_id)
        .join(
            Guardianship,
            and_(
                Guardianship.pupil_id == Pupil.id,
                Guardianship.user_id == LetterChild.user_id,
                Guardianship.revoked_at.is_(None),
            ),
        )
        .outerjoin(Membership, HOME)
        .outerjoin(Group, Group.id == Membership.group_id)
        .where(LetterChild.letter_id == letter_id, *_named(viewer))
        .order_by(Pupil.sort_key, Pupil.id)
    )
    found: dict[int, list[Child]] = defaultdict(list)
    for user_id, pupil_id, name, relation, group in rows:
        found[user_id].append(Child(pupil_id, name, relation, group or ""))
    return found


def _named(viewer: Viewer) -> tuple[ColumnElement[bool], ...]:
    """The children who are named on this page: of the own ones the reader is a guardian, here too (R22)."""
    return pupils_of_school(viewer), ~is_family(viewer.id, Pupil.id)


def _unreached(viewer: Viewer, copies: Sequence[Copy], without: set[int]) -> list[str]:
    """Return the names of the children of whom no guardian has heard of the letter, with those `without` one.

    A child with a guardian who is kept from the reader is left out: whether that one was reached is not for
    the reader to know.
    """
    lost: dict[int, bool] = {}
    for copy in copies:
        for child in copy.children:
            lost[child.id] = lost.get(child.id, True) and copy.is_lost
    numbers = {number for number, is_lost in lost.items() if is_lost} | without
    rows = db.session.execute(
        select(Pupil.given_name, Pupil.prefix, Pupil.surname)
        .where(Pupil.id.in_(numbers), *_named(viewer), ~guarded_by_unknown(viewer.id, Pupil.id))
        .order_by(Pupil.sort_key, Pupil.id)
    )
    return [names.full(*row) for row in rows]
