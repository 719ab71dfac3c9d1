"""Whom a writer may choose for a letter, what each is called, and who is found by name."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NoReturn

from sqlalchemy import ColumnElement, and_, func, select

from portal import access, names
from portal.access import Viewer
from portal.domain.letter_audience import GROUP, GUARDIAN, LIST, PUPIL, SCHOOL, YEAR, Part
from portal.domain.roster_lists import HOME, name_matches
from portal.errors import Refused
from portal.extensions import db
from portal.models.accounts import StaffMember, User
from portal.models.letters import LetterList, LetterListMember
from portal.models.roster import Group, Guardianship, Membership, Pupil
from portal.words import gettext

MOST_PARTS = 100
MOST_SHOWN = 400
"""So many stay chosen on a page that says that they are too many."""

MOST_FOUND = 8
_PART = re.compile(r"(school)|(group|year|list|pupil):(\d{1,9})|(guardian):(\d{1,9})-(\d{1,9})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Choice:
    """A part that a writer may choose: its name and how many children are in it."""

    part: Part
    name: str
    pupils: int


@dataclass(frozen=True, slots=True)
class Choices:
    """What a writer may choose from, by kind; `school` is None for who does not write to everybody."""

    school: Choice | None = None
    groups: list[Choice] = field(default_factory=list)
    years: list[Choice] = field(default_factory=list)
    lists: list[Choice] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Found:
    """A pupil that was looked for, with the guardians to whom one may write alone: number and name."""

    pupil_id: int
    name: str
    group: str
    guardians: list[tuple[int, str]]


Scope = Callable[[Viewer], ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Naming:
    """The scopes of what may be named, by kind."""

    groups: Scope
    lists: Scope
    pupils: Scope
    guardians: Scope


_TO_CHOOSE = Naming(
    access.groups_of_school,
    access.lists_of_school,
    access.pupils_written_about_by,
    access.guardians_written_to_by,
)
_WHEN_SENT = Naming(
    access.groups_named_to, access.lists_named_to, access.pupils_named_to, access.guardians_named_to
)


def as_text(part: Part) -> str:
    """Return a part as a form sends it: 'school', 'group:12', 'guardian:5-17'."""
    if part.kind == SCHOOL:
        return SCHOOL
    return f"{part.kind}:{part.number}" + (f"-{part.guardian}" if part.kind == GUARDIAN else "")


def read_parts(chosen: Iterable[str], excluded: Iterable[str], most: int = MOST_PARTS) -> list[Part]:
    """Return what a form sent as parts, each once.

    Raises Refused for what no form of ours sends, and for more than `most`.
    """
    parts = [_read(text, False) for text in chosen] + [_read(text, True) for text in excluded]
    found = list(dict.fromkeys(parts))
    refuse_too_many(found, most)
    return found


def refuse_too_many(parts: Sequence[Part], most: int = MOST_PARTS) -> None:
    """Raise Refused for more parts than a letter may be for."""
    if len(parts) > most:
        raise Refused(gettext("Choose fewer separately; make a list of them first."), "audience")


def _read(text: str, excluded: bool) -> Part:
    match = _PART.fullmatch(text)
    if match is None:
        _refuse()
    if match[1]:
        return Part(SCHOOL, excluded=excluded)
    if match[4]:
        return Part(GUARDIAN, int(match[5]), int(match[6]), excluded)
    return Part(match[2], int(match[3]), excluded=excluded)


def check(viewer: Viewer, parts: Sequence[Part]) -> None:
    """Raise Refused when the writer may not write to one of the parts, or not any more."""
    if len(allowed(viewer, parts)) < len(parts):
        _refuse()


def _refuse() -> NoReturn:
    raise Refused(gettext("You cannot write to one of those you chose. Choose again."), "audience")


def allowed(viewer: Viewer, parts: Sequence[Part]) -> list[Part]:
    """Return the parts to which the writer may write today.

    Who was excepted stays so, also by a list that is no more: nobody gets a letter by that. A group that has
    become empty stays too, until its author chooses again (`letters.refuse_vain_exceptions`).
    """
    named = {
        excluded: names_of(viewer, [part for part in parts if part.excluded == excluded])
        for excluded in {part.excluded for part in parts}
    }
    everybody = access.may_write_to_all(viewer)
    return [
        part
        for part in parts
        if as_text(part) in named[part.excluded] and (everybody or part.kind not in (SCHOOL, YEAR))
    ]


def names_of(viewer: Viewer, parts: Sequence[Part], sent: bool = False) -> dict[str, str]:
    """Return what the chosen parts are called, by how a form sends them; who is out of scope is not there.

    The school has no name here, and a jaargroep its number. `sent`: of a letter that was sent, which was for
    a group that is closed since all the same, as who is excepted may be.
    """
    if sent:
        return _named(viewer, parts, _WHEN_SENT)
    excepted = _named(viewer, [part for part in parts if part.excluded], _WHEN_SENT)
    return excepted | _named(viewer, [part for part in parts if not part.excluded], _TO_CHOOSE)


def _named(viewer: Viewer, parts: Sequence[Part], may_name: Naming) -> dict[str, str]:
    known = {as_text(part): "" for part in parts if part.kind == SCHOOL}
    known |= {as_text(part): str(part.number) for part in parts if part.kind == YEAR and part.number <= 8}
    if groups := _numbers(parts, GROUP):
        rows = select(Group.id, Group.name).where(Group.id.in_(groups), may_name.groups(viewer))
        known |= {f"{GROUP}:{number}": name for number, name in db.session.execute(rows)}
    if lists := _numbers(parts, LIST):
        scope = may_name.lists(viewer)
        named = select(LetterList.id, LetterList.name).where(LetterList.id.in_(lists), scope)
        known |= {f"{LIST}:{number}": name for number, name in db.session.execute(named)}
    if pupils := _numbers(parts, PUPIL):
        found = db.session.execute(
            select(Pupil.id, Pupil.given_name, Pupil.prefix, Pupil.surname).where(
                Pupil.id.in_(pupils), may_name.pupils(viewer)
            )
        )
        known |= {f"{PUPIL}:{row[0]}": names.full(*row[1:4]) for row in found}
    if _numbers(parts, GUARDIAN):
        known |= _names_of_guardians(may_name.guardians(viewer), parts)
    return known


def _numbers(parts: Sequence[Part], kind: str) -> list[int]:
    return [part.number for part in parts if part.kind == kind]


def _names_of_guardians(scope: ColumnElement[bool], parts: Sequence[Part]) -> dict[str, str]:
    rows = db.session.execute(
        select(Guardianship.pupil_id, User.id, User.given_name, User.prefix, User.surname, Pupil.given_name)
        .join(User, User.id == Guardianship.user_id)
        .join(Pupil, Pupil.id == Guardianship.pupil_id)
        .where(Pupil.id.in_(_numbers(parts, GUARDIAN)), scope)
    )
    wanted = {as_text(part) for part in parts if part.kind == GUARDIAN}
    found = {
        as_text(Part(GUARDIAN, row[0], row[1])): gettext(
            "%(adult)s, of %(child)s", adult=names.full(*row[2:5]), child=row[5]
        )
        for row in rows
    }
    return {key: name for key, name in found.items() if key in wanted}


def choices(viewer: Viewer) -> Choices:
    """Return whom the writer may choose: a teacher the own groups, the office everybody."""
    counted = (
        select(Group.id, Group.name, func.count(Pupil.id))
        .outerjoin(Membership, and_(Membership.group_id == Group.id, Membership.ended_on.is_(None)))
        .outerjoin(Pupil, and_(Pupil.id == Membership.pupil_id, Pupil.archived_at.is_(None)))
        .where(access.groups_of_school(viewer))
        .group_by(Group.id, Group.name, Group.sort_key)
        .order_by(Group.sort_key, Group.id)
    )
    groups = [Choice(Part(GROUP, row[0]), row[1], row[2]) for row in db.session.execute(counted)]
    if not access.may_write_to_all(viewer):
        return Choices(groups=groups)
    of_year = db.session.execute(
        select(Pupil.year_group, func.count()).where(Pupil.archived_at.is_(None)).group_by(Pupil.year_group)
    )
    years = sorted((row[0], row[1]) for row in of_year if row[0] is not None)
    whole = db.session.scalar(select(func.count()).select_from(Pupil).where(Pupil.archived_at.is_(None)))
    return Choices(
        Choice(Part(SCHOOL), "", whole or 0),
        groups,
        [Choice(Part(YEAR, year), str(year), count) for year, count in years],
        _lists(viewer),
    )


def _lists(viewer: Viewer) -> list[Choice]:
    rows = db.session.execute(
        select(LetterList.id, LetterList.name, func.count(LetterListMember.pupil_id.distinct()))
        .outerjoin(LetterListMember, LetterListMember.list_id == LetterList.id)
        .where(access.lists_of_school(viewer))
        .group_by(LetterList.id, LetterList.name)
        .order_by(func.lower(LetterList.name), LetterList.id)
    )
    return [Choice(Part(LIST, row[0]), row[1], row[2]) for row in rows]


def find(viewer: Viewer, search: str) -> list[Found]:
    """Return the first pupils with these words in name or group, to whose guardians the viewer may write."""
    if not search.strip():
        return []
    rows = db.session.execute(
        select(Pupil.id, Pupil.given_name, Pupil.prefix, Pupil.surname, Group.name)
        .outerjoin(Membership, HOME)
        .outerjoin(Group, Group.id == Membership.group_id)
        .where(access.pupils_written_about_by(viewer), *name_matches(search))
        .order_by(Pupil.sort_key, Pupil.id)
        .limit(MOST_FOUND)
    ).all()
    beside = _guardians_beside(viewer, [row[0] for row in rows])
    return [Found(row[0], names.full(*row[1:4]), row[4] or "", beside.get(row[0], [])) for row in rows]


def _guardians_beside(viewer: Viewer, pupils: Sequence[int]) -> dict[int, list[tuple[int, str]]]:
    rows = db.session.execute(
        select(Guardianship.pupil_id, User.id, User.given_name, User.prefix, User.surname)
        .join(User, User.id == Guardianship.user_id)
        .where(Guardianship.pupil_id.in_(pupils), access.guardians_written_to_by(viewer))
        .order_by(Guardianship.pupil_id, Guardianship.seat)
    )
    beside: dict[int, list[tuple[int, str]]] = {}
    for pupil_id, user_id, *name in rows:
        beside.setdefault(pupil_id, []).append((user_id, names.full(*name)))
    return beside


def usual_parts(viewer: Viewer) -> list[Part]:
    """Return for whom a new letter is until something else is chosen: a teacher's own group."""
    if viewer.is_office:
        return []
    first = db.session.scalar(
        select(Group.id)
        .where(access.groups_of_school(viewer))
        .order_by(Group.composite, Group.sort_key, Group.id)
        .limit(1)
    )
    return [Part(GROUP, first)] if first else []


def usual_sender(viewer: Viewer) -> str:
    """Return the name under which parents know the writer: 'juf Marieke', else the whole name."""
    called = db.session.scalar(select(StaffMember.called).where(access.own_place_at_school(viewer)))
    return called or viewer.full_name
