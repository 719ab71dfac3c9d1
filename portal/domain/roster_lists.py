"""Pupils and guardians as the office reads them: a fixed number of queries, however large the school."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from portal import access, names
from portal.access import Viewer
from portal.extensions import db
from portal.models.accounts import User
from portal.models.roster import Group, Guardianship, Membership, Pupil
from portal.paging import page_of

PER_PAGE = 100


@dataclass(frozen=True, slots=True)
class GuardianLine:
    """A guardian beside a child: who, what to the child, and whether there is a way to reach them."""

    guardianship_id: int
    user_id: int
    seat: int
    name: str
    relation: str
    has_authority: bool
    email: str | None
    phone: str
    activated_at: datetime | None


@dataclass(frozen=True, slots=True)
class PupilLine:
    """One row of the list of pupils."""

    id: int
    listed: str
    full_name: str
    year_group: int | None
    group: str
    left_on: date | None
    guardians: tuple[GuardianLine, ...] = ()


@dataclass(frozen=True, slots=True)
class PupilPage:
    """One page of the list of pupils. `total` is everything that was found, `left` who left the school."""

    lines: list[PupilLine]
    total: int
    page: int
    pages: int


_in_group = aliased(Membership)
_group = aliased(Group)
HOME = and_(Membership.pupil_id == Pupil.id, Membership.home, Membership.ended_on.is_(None))


def name_matches(search: str) -> list[ColumnElement[bool]]:
    """Return a condition per word of a search: it stands in the name of the child or of its group."""
    words = names.fold(names.clean(search)).replace("'", "").replace("-", "").replace(".", "").split()[:6]
    return [
        or_(
            Pupil.sort_key.contains(word, autoescape=True),
            exists().where(
                _in_group.pupil_id == Pupil.id,
                _in_group.ended_on.is_(None),
                _group.id == _in_group.group_id,
                func.lower(_group.name).contains(word, autoescape=True),
            ),
        )
        for word in words
    ]


def pupil_page(
    viewer: Viewer, search: str = "", group_id: int | None = None, left: bool = False, page: int = 1
) -> PupilPage:
    """Return a page of the pupils, sorted the Dutch way (R38): those at school, or those who left."""
    conditions = [
        access.pupils_of_school(viewer),
        Pupil.archived_at.is_not(None) if left else Pupil.archived_at.is_(None),
        *name_matches(search),
    ]
    if group_id:
        conditions.append(
            exists().where(
                _in_group.pupil_id == Pupil.id,
                _in_group.group_id == group_id,
                _in_group.ended_on.is_(None),
            )
        )
    total = db.session.scalar(select(func.count()).select_from(Pupil).where(*conditions)) or 0
    page, pages = page_of(page, total, PER_PAGE)
    rows = db.session.execute(
        select(
            Pupil.id,
            Pupil.given_name,
            Pupil.prefix,
            Pupil.surname,
            Pupil.year_group,
            Pupil.left_on,
            Group.name,
        )
        .outerjoin(Membership, HOME)
        .outerjoin(Group, Group.id == Membership.group_id)
        .where(*conditions)
        .order_by(Pupil.sort_key, Pupil.id)
        .limit(PER_PAGE)
        .offset((page - 1) * PER_PAGE)
    ).all()
    guardians = guardians_of(viewer, [row.id for row in rows])
    lines = [
        PupilLine(
            row.id,
            names.listed(row.given_name, row.prefix, row.surname),
            names.full(row.given_name, row.prefix, row.surname),
            row.year_group,
            row.name or "",
            row.left_on,
            tuple(guardians[row.id]),
        )
        for row in rows
    ]
    return PupilPage(lines, total, page, pages)


def guardians_of(viewer: Viewer, pupil_ids: list[int]) -> dict[int, list[GuardianLine]]:
    """Return the guardians of each of these children, in the order of their seats, in one query.

    Beside the own child the reader stands alone, whoever else there is.
    """
    found: dict[int, list[GuardianLine]] = defaultdict(list)
    rows = db.session.execute(
        select(
            Guardianship.pupil_id,
            Guardianship.id,
            Guardianship.user_id,
            Guardianship.seat,
            Guardianship.relation,
            Guardianship.has_authority,
            User.given_name,
            User.prefix,
            User.surname,
            User.organisation,
            User.email,
            User.phone,
            User.activated_at,
        )
        .join(User, User.id == Guardianship.user_id)
        .where(Guardianship.pupil_id.in_(pupil_ids), access.guardianships_known_to(viewer))
        .order_by(Guardianship.pupil_id, Guardianship.seat)
    )
    for row in rows:
        found[row.pupil_id].append(
            GuardianLine(
                row.id,
                row.user_id,
                row.seat,
                names.of_institution(names.full(row.given_name, row.prefix, row.surname), row.organisation)
                or row.email
                or "",
                row.relation,
                row.has_authority,
                row.email,
                row.phone,
                row.activated_at,
            )
        )
    return found


def count_left(viewer: Viewer) -> int:
    """Return how many children left the school and are still kept."""
    left = select(func.count()).select_from(Pupil).where(Pupil.archived_at.is_not(None))
    return db.session.scalar(left.where(access.pupils_of_school(viewer))) or 0


@dataclass(frozen=True, slots=True)
class GroupOfPupil:
    """A group that a child is in now."""

    id: int
    name: str
    home: bool
    since: date


def groups_of_pupil(pupil: Pupil) -> list[GroupOfPupil]:
    """Return the groups that the child is in, the home group first."""
    rows = db.session.execute(
        select(Group.id, Group.name, Membership.home, Membership.started_on)
        .join(Membership, Membership.group_id == Group.id)
        .where(Membership.pupil_id == pupil.id, Membership.ended_on.is_(None))
        .order_by(Membership.home.desc(), Group.sort_key)
    )
    return [GroupOfPupil(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class ChildLine:
    """A child of an adult, and what the adult is to it."""

    id: int
    guardianship_id: int
    name: str
    group: str
    relation: str
    has_authority: bool


def children_of_adult(user_id: int, left: bool = False) -> list[ChildLine]:
    """Return the children at school of whom an adult is guardian now, or those who left the school."""
    rows = db.session.execute(
        select(
            Pupil.id,
            Guardianship.id.label("guardianship_id"),
            Pupil.given_name,
            Pupil.prefix,
            Pupil.surname,
            Group.name,
            Guardianship.relation,
            Guardianship.has_authority,
        )
        .join(Guardianship, Guardianship.pupil_id == Pupil.id)
        .outerjoin(Membership, HOME)
        .outerjoin(Group, Group.id == Membership.group_id)
        .where(
            Guardianship.user_id == user_id,
            Guardianship.revoked_at.is_(None),
            Pupil.archived_at.is_not(None) if left else Pupil.archived_at.is_(None),
        )
        .order_by(Pupil.sort_key, Pupil.id)
    )
    return [
        ChildLine(
            row.id,
            row.guardianship_id,
            names.full(row.given_name, row.prefix, row.surname),
            row.name or "",
            row.relation,
            row.has_authority,
        )
        for row in rows
    ]
