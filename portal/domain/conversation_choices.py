"""To whom a new private conversation can be: the teachers of a child's group, or a guardian of a pupil."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, select

from portal import access, names
from portal.access import Viewer
from portal.access.conversations import teaches_group
from portal.domain.roster_lists import name_matches
from portal.extensions import db
from portal.models.accounts import User
from portal.models.letters import Letter, LetterChild
from portal.models.roster import Group, Guardianship, Membership, Pupil

MOST_FOUND = 60


@dataclass(frozen=True, slots=True)
class Choice:
    """A child in a group, whose teachers a guardian can write to."""

    pupil: Pupil
    group: Group

    @property
    def value(self) -> str:
        """What a form sends for it."""
        return f"{self.pupil.id}-{self.group.id}"

    @property
    def child(self) -> str:
        """What the child is called at home."""
        return self.pupil.given_name or self.pupil.surname


@dataclass(frozen=True, slots=True)
class GuardianChoice:
    """A guardian to whom who works here can write, about one pupil."""

    pupil_id: int
    child: str
    group: str
    guardian_id: int
    name: str


def choices_of(viewer: Viewer, letter: Letter | None = None) -> list[Choice]:
    """Return about whom a guardian can write to which teachers, in the order of the children.

    In answer to a letter: the children that it is about, each with the home group.
    """
    query = (
        select(Pupil, Group)
        .join(Membership, and_(Membership.pupil_id == Pupil.id, Membership.ended_on.is_(None)))
        .join(Group, and_(Group.id == Membership.group_id, Group.closed_at.is_(None)))
        .join(Guardianship, Guardianship.pupil_id == Pupil.id)
        .where(
            Guardianship.user_id == viewer.id,
            Guardianship.revoked_at.is_(None),
            access.children_written_about(viewer),
        )
        .order_by(Pupil.sort_key, Pupil.id, Membership.home.desc(), Group.sort_key, Group.id)
    )
    if letter is not None:
        query = query.join(
            LetterChild,
            and_(LetterChild.letter_id == letter.id, LetterChild.pupil_id == Pupil.id),
        ).where(LetterChild.user_id == viewer.id, Membership.home)
    return [Choice(*row) for row in db.session.execute(query)]


def group_for(viewer: Viewer, pupil_id: int) -> Group | None:
    """Return for whose teachers somebody at school writes to a guardian of a pupil.

    A teacher writes for the own group, where possible the home group; the office for the home group.
    """
    own = teaches_group(viewer.id, Group.id)
    return db.session.scalar(
        select(Group)
        .join(Membership, and_(Membership.group_id == Group.id, Membership.ended_on.is_(None)))
        .where(
            Membership.pupil_id == pupil_id,
            Group.closed_at.is_(None),
            Membership.home if viewer.is_office else own,
        )
        .order_by(Membership.home.desc(), Group.id)
        .limit(1)
    )


def guardians_to_write(viewer: Viewer, search: str) -> list[GuardianChoice]:
    """Return the guardians to whom somebody at school can write: of a teacher's own pupils all, else those
    of pupils with the words in name or group.
    """
    if viewer.is_office and not search.strip():
        return []
    rows = db.session.execute(_guardians(viewer).where(*name_matches(search)).limit(MOST_FOUND))
    return [_guardian_choice(row) for row in rows]


def guardian_to_write(viewer: Viewer, pupil_id: int, guardian_id: int) -> GuardianChoice | None:
    """Return the one guardian of the one pupil, when somebody at school can write there."""
    if not (access.possible_number(pupil_id) and access.possible_number(guardian_id)):
        return None
    which = Pupil.id == pupil_id, User.id == guardian_id
    row = db.session.execute(_guardians(viewer).where(*which)).one_or_none()
    return _guardian_choice(row) if row else None


def _guardian_choice(row: Any) -> GuardianChoice:
    return GuardianChoice(row[0], names.full(*row[1:4]), row[4], row[5], names.full(*row[6:9]))


def _guardians(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(Pupil.id, Pupil.given_name, Pupil.prefix, Pupil.surname, Group.name),
            *(User.id, User.given_name, User.prefix, User.surname),
        )
        .select_from(Guardianship)
        .join(Pupil, Pupil.id == Guardianship.pupil_id)
        .join(User, User.id == Guardianship.user_id)
        .join(
            Membership,
            and_(Membership.pupil_id == Pupil.id, Membership.home, Membership.ended_on.is_(None)),
        )
        .join(Group, Group.id == Membership.group_id)
        .where(access.guardians_written_to_by(viewer), Pupil.archived_at.is_(None))
        .order_by(Pupil.sort_key, Pupil.id, Guardianship.seat)
    )
