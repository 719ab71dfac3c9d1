"""The list of those whom a letter would go to, group by group, for who writes it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, and_, select

from portal import names
from portal.access import Viewer, adults_managed_by
from portal.domain.letter_audience import Part, known_recipients, unreached
from portal.domain.mail_trouble import takes_no_mail
from portal.domain.roster_lists import HOME
from portal.extensions import db
from portal.models.accounts import User
from portal.models.notices import MailTrouble
from portal.models.roster import Group, Guardianship, Membership, Pupil

NO_ADDRESS, BAD_ADDRESS, CLOSED = "no_address", "bad_address", "closed"


@dataclass(frozen=True, slots=True)
class Recipient:
    """A guardian who would get the letter about a child. `lost`: why no mail arrives there, '' when it does.

    `code` is a mail server's. `may_fix`: the reader may fill in another address.
    """

    user_id: int
    name: str
    relation: str
    is_reader: bool
    lost: str
    code: str
    may_fix: bool


@dataclass(slots=True)
class ChildLine:
    """A child that the letter is about, with its guardians; none when nobody gets letters about it."""

    pupil_id: int
    name: str
    recipients: list[Recipient] = field(default_factory=list)

    @property
    def is_lost(self) -> bool:
        """Whether no mail about the letter reaches anybody of this child."""
        return all(one.lost for one in self.recipients)


@dataclass(slots=True)
class GroupLine:
    """The children of a group in the list; number 0 and name '' for those without one."""

    number: int
    name: str
    children: list[ChildLine] = field(default_factory=list)

    @property
    def guardians(self) -> int:
        """How many different guardians there are in it."""
        return len({one.user_id for child in self.children for one in child.recipients})


@dataclass(frozen=True, slots=True)
class Recipients:
    """Everybody to whom a letter would go."""

    groups: tuple[GroupLine, ...]

    @property
    def children(self) -> list[ChildLine]:
        """All the children."""
        return [child for group in self.groups for child in group.children]

    @property
    def guardians(self) -> int:
        """How many different guardians that are: one with children in two groups counts once."""
        return len({one.user_id for child in self.children for one in child.recipients})

    @property
    def troubles(self) -> list["Trouble"]:
        """Each guardian to whom no mail arrives, once, and each child of whom nobody gets the letter."""
        found: dict[tuple[int, int], Trouble] = {}
        for child in self.children:
            if not child.recipients:
                found[0, child.pupil_id] = Trouble(None, [child])
            for one in child.recipients:
                if one.lost:
                    found.setdefault((one.user_id, 0), Trouble(one)).children.append(child)
        return list(found.values())


@dataclass(slots=True)
class Trouble:
    """A guardian to whom no mail arrives about these children; no guardian when there is none."""

    recipient: Recipient | None
    children: list[ChildLine] = field(default_factory=list)

    @property
    def is_lost(self) -> bool:
        """Whether no other guardian of one of these children gets mail either."""
        return any(child.is_lost for child in self.children)


def list_recipients(viewer: Viewer, parts: Sequence[Part]) -> Recipients:
    """Return the guardians that `reach()` counts, and the children that it names; two queries."""
    to = known_recipients(viewer, parts).subquery()
    rows = db.session.execute(
        select(
            *(Pupil.id, Pupil.given_name, Pupil.prefix, Pupil.surname, Group.id.label("group"), Group.name),
            *(User.id.label("user_id"), User.given_name, User.prefix, User.surname),
            *(User.organisation, User.email, User.disabled_at, Guardianship.relation),
            *(takes_no_mail().label("no_mail"), MailTrouble.code),
            adults_managed_by(viewer).label("may_fix"),
        )
        .select_from(to)
        .join(Pupil, Pupil.id == to.c.pupil_id)
        .join(User, User.id == to.c.user_id)
        .join(
            Guardianship,
            and_(
                Guardianship.pupil_id == Pupil.id,
                Guardianship.user_id == User.id,
                Guardianship.revoked_at.is_(None),
            ),
        )
        .outerjoin(MailTrouble, and_(MailTrouble.user_id == User.id, MailTrouble.address == User.email))
        .outerjoin(Membership, HOME)
        .outerjoin(Group, Group.id == Membership.group_id)
        .order_by(Group.sort_key, Group.id, Pupil.sort_key, Pupil.id, Guardianship.seat)
    )
    groups: dict[int, tuple[str, dict[int, ChildLine]]] = {}
    for row in rows:
        children = groups.setdefault(row.group or 0, (row[5] or "", {}))[1]
        child = children.setdefault(row[0], ChildLine(row[0], names.full(*row[1:4])))
        child.recipients.append(_recipient(viewer, row))
    for lost in unreached(viewer, parts):
        children = groups.setdefault(lost.group_id, (lost.group, {}))[1]
        children.setdefault(lost.pupil_id, ChildLine(lost.pupil_id, lost.name))
    found = [GroupLine(number, name, list(known.values())) for number, (name, known) in groups.items()]
    return Recipients(tuple(sorted(found, key=lambda group: not group.number)))


def _recipient(viewer: Viewer, row: Row[*tuple[Any, ...]]) -> Recipient:
    lost = CLOSED if row.disabled_at else ""
    if row.no_mail:
        lost = BAD_ADDRESS if row.email else NO_ADDRESS
    return Recipient(
        user_id=row.user_id,
        name=names.of_adult(row[7], row[8], row[9], row.organisation, row.email),
        relation=row.relation,
        is_reader=row.user_id == viewer.id,
        lost=lost,
        code=row.code or "" if row.no_mail else "",
        may_fix=row.may_fix,
    )
