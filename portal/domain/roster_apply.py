"""Carry out a plan: set by set, inside one transaction that the caller commits."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Table, bindparam, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from portal.access import Viewer
from portal.domain import audit, invitations
from portal.domain.importers.rows import PupilRow
from portal.domain.roster_groups import group_sort_key, joined, split
from portal.domain.roster_guardians import revoke_guardianship
from portal.domain.roster_plan import AddAdult, AddTeacher, Change, Link, Placement, Plan
from portal.domain.roster_staff import end_staff
from portal.domain.settings import school_year_around
from portal.errors import Refused
from portal.extensions import Base, db
from portal.models.accounts import Invitation, StaffMember, User
from portal.models.roster import Group, Guardianship, Membership, Pupil, Teaching
from portal.models.school import SchoolYear
from portal.names import sort_key
from portal.words import gettext as _

KINDS = ("pupils", "groups", "teachers", "guardians")
Counts = dict[str, tuple[int, int, int]]

_MODELS: dict[str, type[Base]] = {"pupil": Pupil, "teacher": User, "guardian": User, "link": Guardianship}


@dataclass(slots=True)
class _Work:
    """The plan with the boxes that are on, and the numbers of what was made so far."""

    plan: Plan
    ticked: frozenset[str]
    actor: Viewer | None
    now: datetime
    today: date
    ids: dict[str, int] = field(default_factory=dict)

    def number(self, token: str) -> int | None:
        """Return the number of a pupil, group or adult that is there or was made."""
        return self.ids.get(token) or (int(token[1:]) if token[1:].isdigit() else None)

    def on(self, step: Any) -> bool:
        """Return whether a step is to be done: its own box, or that of the step it goes with."""
        return (step.follows if getattr(step, "follows", "") else step.id) in self.ticked


def carry_out(plan: Plan, ticked: frozenset[str], actor: Viewer | None, now: datetime, today: date) -> Counts:
    """Make the roster what the plan says, as far as its boxes are on, and return what that comes to."""
    work = _Work(plan, ticked, actor, now, today)
    try:
        _groups(work)
        _pupils(work)
        _memberships(work)
        _adults(work)
        _teaching(work)
        _guardianships(work)
        _changes(work)
        _closings(work)
        db.session.flush()
    except IntegrityError:
        raise Refused(
            _("Somebody else changed the roster at the same moment. Nothing was read in; look again.")
        ) from None
    audit.record(actor, "import_roster", "roster")
    return counts(plan, ticked)


def counts(plan: Plan, ticked: frozenset[str]) -> Counts:
    """Return how many of each kind are added, changed and removed."""
    work = _Work(plan, ticked, None, datetime.min, date.min)
    changed: dict[str, set[Any]] = {of: set() for of in ("pupil", "teacher", "guardian", "link")}
    for change in plan.changes:
        if change.id in ticked:
            changed[change.of].add(change.ident)
    changed["pupil"] |= {int(move.pupil[1:]) for move in plan.moves if move.id in ticked}
    teachers = {step.user for step in plan.new_teachers if work.on(step)}
    taught = {f"u{ident}" for ident in changed["teacher"]}
    taught |= {step.user for step in plan.teaching if work.on(step)} - teachers
    new = {adult.token for adult in plan.adults}
    linked = {link.user for link in plan.links_made(ticked)}
    guardians = {f"u{ident}" for ident in changed["guardian"]} | {f"link{ident}" for ident in changed["link"]}
    ended = sum(step.id in ticked for step in plan.ending)
    returned = {step.pupil_id for step in plan.returning if step.id in ticked}
    return {
        "pupils": (
            sum(step.id in ticked for step in plan.new_pupils) + len(returned),
            len(changed["pupil"] - returned),
            sum(step.id in ticked for step in plan.leaving),
        ),
        "groups": (len(plan.add_groups), len(plan.change_groups), len(plan.close_groups)),
        "teachers": (
            len(teachers),
            len(taught),
            sum(step.id in ticked for step in plan.leaving_teachers),
        ),
        "guardians": (len(linked & new), len((linked - new) | guardians), ended),
    }


def _insert(model: type[Base], rows: Sequence[Mapping[str, object]]) -> list[int]:
    """Insert rows and return their numbers in the same order."""
    if not rows:
        return []
    key = model.__mapper__.primary_key[0]
    if db.engine.dialect.name == "sqlite":
        # One statement for all rows; the one writer gets the numbers after the highest, in order.
        highest = db.session.scalar(select(func.max(key))) or 0
        db.session.execute(insert(model), list(rows))
        return list(db.session.scalars(select(key).where(key > highest).order_by(key)))
    statement = insert(model).returning(key, sort_by_parameter_order=True)
    return list(db.session.scalars(statement, list(rows)))


def _update(model: type[Base], rows: Iterable[Mapping[str, object]]) -> None:
    """Update rows by their number; those with the same columns go in one statement."""
    alike: dict[tuple[str, ...], list[dict[str, object]]] = {}
    for row in rows:
        names = tuple(sorted(name for name in row if name != "id"))
        alike.setdefault(names, []).append({"row_id": row["id"], **{name: row[name] for name in names}})
    key = model.__mapper__.primary_key[0]
    for names, values in alike.items():
        statement = update(cast(Table, model.__table__)).where(key == bindparam("row_id"))
        statement = statement.values({name: bindparam(name) for name in names})
        db.session.connection().execute(statement, values)


# --- groups and pupils


def _school_year(work: _Work) -> int:
    name = work.plan.school_year
    year = school_year_around(date(int(name[:4]), 8, 1) if name else work.today)
    found = db.session.scalar(select(SchoolYear.id).where(SchoolYear.name == year.name))
    if found is None:
        db.session.add(year)
        db.session.flush()
        found = year.id
    return found


def _groups(work: _Work) -> None:
    plan = work.plan
    if plan.add_groups:
        year = _school_year(work)
        rows = [
            {
                "school_year_id": year,
                "key": step.row.lasting_key,
                "name": step.row.name,
                "year_groups": joined(step.row.year_groups),
                "composite": step.row.composite,
                "sort_key": group_sort_key(step.row.name, step.row.year_groups),
            }
            for step in plan.add_groups
        ]
        for step, number in zip(plan.add_groups, _insert(Group, rows), strict=True):
            work.ids[step.token] = number
    for change in plan.change_groups:
        values = dict(change.values)
        if "name" in values or "year_groups" in values:
            years = values.get("year_groups")
            if years is None:
                years = db.session.scalar(select(Group.year_groups).where(Group.id == change.group_id))
            values["sort_key"] = group_sort_key(str(values.get("name", change.name)), split(str(years or "")))
        _update(Group, [{"id": change.group_id, **values}])


def _names(given_name: str, prefix: str, surname: str) -> dict[str, object]:
    return {
        "given_name": given_name,
        "prefix": prefix,
        "surname": surname,
        "sort_key": sort_key(given_name, prefix, surname),
    }


def _pupils(work: _Work) -> None:
    new = [step for step in work.plan.new_pupils if step.id in work.ticked]
    for step, number in zip(new, _insert(Pupil, [_pupil_row(one.row, work.now) for one in new]), strict=True):
        work.ids[step.token] = number
    _update(
        Pupil,
        [
            {"id": step.pupil_id, "archived_at": None, "left_on": None}
            for step in work.plan.returning
            if step.id in work.ticked
        ],
    )
    leaving = [step for step in work.plan.leaving if step.id in work.ticked]
    _update(
        Pupil,
        [
            {"id": one.pupil_id, "archived_at": work.now, "left_on": one.left_on or work.today}
            for one in leaving
        ],
    )
    for one in leaving:
        audit.record(work.actor, "archive_pupil", "pupil", one.pupil_id)
    _end_memberships(work, Membership.pupil_id.in_([one.pupil_id for one in leaving]))


def _pupil_row(row: PupilRow, now: datetime) -> dict[str, object]:
    return {
        "key": row.key,
        **_names(row.given_name, row.prefix, row.surname),
        "birth_date": row.birth_date,
        "year_group": row.year_group,
        "created_at": now,
    }


def _end_memberships(work: _Work, which: Any) -> None:
    """End memberships; one that began today was a slip and leaves no trace."""
    options = {"synchronize_session": False}
    running = Membership.ended_on.is_(None)
    db.session.execute(
        delete(Membership).where(running, which, Membership.started_on >= work.today),
        execution_options=options,
    )
    db.session.execute(
        update(Membership).where(running, which).values(ended_on=work.today), execution_options=options
    )


def _memberships(work: _Work) -> None:
    moves = [move for move in work.plan.moves if move.id in work.ticked]
    placed = [*moves, *(one for one in work.plan.placements if work.on(one))]
    leaving_home = [work.number(move.pupil) for move in moves if not move.keeps_home]
    if leaving_home:
        _end_memberships(work, Membership.home & Membership.pupil_id.in_(leaving_home))
    pairs: dict[int, list[int]] = {}
    for move in moves:
        for group_id in move.leaves:
            pairs.setdefault(group_id, []).append(int(move.pupil[1:]))
    for group_id, pupil_ids in pairs.items():
        _end_memberships(
            work, (Membership.group_id == group_id) & ~Membership.home & Membership.pupil_id.in_(pupil_ids)
        )
    _insert(Membership, [row for placement in placed for row in _membership_rows(work, placement)])


def _membership_rows(work: _Work, placement: Placement) -> Iterable[dict[str, object]]:
    pupil_id = work.number(placement.pupil)
    homes = [placement.home] if placement.home and not placement.keeps_home else []
    for token in dict.fromkeys([*homes, *placement.joins]):
        yield {
            "pupil_id": pupil_id,
            "group_id": work.number(token),
            "home": token in homes,
            "started_on": work.today,
        }


def _closings(work: _Work) -> None:
    closing = [step.group_id for step in work.plan.close_groups]
    if not closing:
        return
    # A child whose box was off may still be there: then the group stays open.
    still = set(
        db.session.scalars(
            select(Membership.group_id).where(Membership.group_id.in_(closing), Membership.ended_on.is_(None))
        )
    )
    closing = [group_id for group_id in closing if group_id not in still]
    _end_teaching(work, Teaching.group_id.in_(closing))
    _update(Group, [{"id": group_id, "closed_at": work.now} for group_id in closing])


# --- adults


def _adults(work: _Work) -> None:
    needed = {link.user for link in work.plan.links_made(work.ticked)}
    adults = [adult for adult in work.plan.adults if adult.token in needed]
    teachers = [
        step
        for step in work.plan.new_teachers
        if step.user.startswith("n") and (step.id in work.ticked or step.user in needed)
    ]
    rows = [
        *(_adult_row(adult, work.now) for adult in adults),
        *(_teacher_row(one, work.now) for one in teachers),
    ]
    tokens = [*(adult.token for adult in adults), *(step.user for step in teachers)]
    for token, number in zip(tokens, _insert(User, rows), strict=True):
        work.ids[token] = number
    _staff(work, [step for step in work.plan.new_teachers if step.id in work.ticked])
    _update(User, [{"id": user_id, "guardian_key": key} for user_id, key in work.plan.keys])


def _adult_row(adult: AddAdult, now: datetime) -> dict[str, object]:
    row = adult.row
    return {
        "guardian_key": row.key,
        **_names(row.given_name, row.prefix, row.surname),
        "initials": row.initials,
        "email": adult.email,
        "phone": row.phone,
        "phone_e164": row.phone_e164,
        "language": "nl",
        "created_at": now,
    }


def _teacher_row(step: AddTeacher, now: datetime) -> dict[str, object]:
    row = step.row
    return {
        "guardian_key": None,
        **_names(row.given_name, row.prefix, row.surname),
        "initials": row.initials,
        "email": row.email,
        "phone": "",
        "phone_e164": "",
        "language": "nl",
        "created_at": now,
    }


def _staff(work: _Work, steps: list[AddTeacher]) -> None:
    numbers = {step.user: work.number(step.user) for step in steps}
    before = set(
        db.session.scalars(select(StaffMember.user_id).where(StaffMember.user_id.in_(numbers.values())))
    )
    new = [step for step in steps if numbers[step.user] not in before]
    _insert(
        StaffMember,
        [{"user_id": numbers[step.user], "staff_key": step.row.key, "role": "teacher"} for step in new],
    )
    _update(
        StaffMember,
        [
            {"id": numbers[step.user], "left_at": None, "role": "teacher", "staff_key": step.row.key}
            for step in steps
            if numbers[step.user] in before
        ],
    )


def _teaching(work: _Work) -> None:
    steps = [step for step in work.plan.teaching if work.on(step)]
    for step in steps:
        if step.ends:
            pair = (Teaching.user_id == work.number(step.user)) & (
                Teaching.group_id == work.number(step.group_token)
            )
            _end_teaching(work, pair)
    _insert(
        Teaching,
        [
            {
                "user_id": work.number(step.user),
                "group_id": work.number(step.group_token),
                "weekdays": 0,
                "started_on": work.today,
            }
            for step in steps
            if not step.ends
        ],
    )
    leaving = [step.user_id for step in work.plan.leaving_teachers if step.id in work.ticked]
    for member in db.session.scalars(select(StaffMember).where(StaffMember.user_id.in_(leaving))):
        end_staff(member, work.actor, work.now, work.today)


def _end_teaching(work: _Work, which: Any) -> None:
    options = {"synchronize_session": False}
    running = Teaching.ended_on.is_(None)
    db.session.execute(
        delete(Teaching).where(running, which, Teaching.started_on >= work.today), execution_options=options
    )
    db.session.execute(
        update(Teaching).where(running, which).values(ended_on=work.today), execution_options=options
    )


def _guardianships(work: _Work) -> None:
    ending = [step.guardianship_id for step in work.plan.ending if step.id in work.ticked]
    for one in db.session.scalars(select(Guardianship).where(Guardianship.id.in_(ending))):
        revoke_guardianship(one, work.actor, work.now)
    rows = list(_guardianship_rows(work, work.plan.links_made(work.ticked)))
    numbers = _insert(Guardianship, rows)
    _tell(work, {int(str(row["user_id"])): number for row, number in zip(rows, numbers, strict=True)})


def _guardianship_rows(work: _Work, links: list[Link]) -> Iterable[dict[str, object]]:
    """Give each new guardian a free seat; who finds none is left out, as the page said."""
    pupil_ids = {number for link in links if (number := work.number(link.pupil))}
    taken: dict[int, set[int]] = {}
    there: set[tuple[int, int]] = set()
    for child, seat, adult in db.session.execute(
        select(Guardianship.pupil_id, Guardianship.seat, Guardianship.user_id).where(
            Guardianship.pupil_id.in_(pupil_ids), Guardianship.revoked_at.is_(None)
        )
    ):
        taken.setdefault(child, set()).add(seat)
        there.add((child, adult))
    for link in links:
        pupil_id, user_id = work.number(link.pupil), work.number(link.user)
        if pupil_id is None or user_id is None or (pupil_id, user_id) in there:
            continue
        seats = taken.setdefault(pupil_id, set())
        free = [seat for seat in (1, 2) if seat not in seats]
        if free:
            seats.add(free[0])
            there.add((pupil_id, user_id))
            yield {
                "pupil_id": pupil_id,
                "user_id": user_id,
                "seat": free[0],
                "relation": link.relation,
                "has_authority": link.has_authority,
                "created_at": work.now,
            }


def _tell(work: _Work, new: dict[int, int]) -> None:
    """Tell guardians who have a login already that a child was added."""
    known = db.session.scalars(select(User).where(User.id.in_(new), User.activated_at.is_not(None)))
    for user in known:
        guardianship = db.session.get(Guardianship, new[user.id])
        if guardianship is not None:
            invitations.tell_of_new_child(user, guardianship, work.now)


def _changes(work: _Work) -> None:
    """Write the new values; addresses are let go first, so that two people can change places."""
    changes = [change for change in work.plan.changes if change.id in work.ticked]
    addresses = [change.ident for change in changes if change.field == "email"]
    _update(User, [{"id": ident, "email": None} for ident in addresses])
    for of, model in _MODELS.items():
        rows: dict[int, dict[str, object]] = {}
        for change in changes:
            if change.of == of and not (of == "teacher" and change.field == "key"):
                rows.setdefault(change.ident, {"id": change.ident}).update(_values(change))
        _update(model, rows.values())
    _update(
        StaffMember,
        [{"id": one.ident, **one.values} for one in changes if one.of == "teacher" and one.field == "key"],
    )
    waiting = select(User).where(
        User.id.in_(addresses),
        User.activated_at.is_(None),
        User.id.in_(
            select(Invitation.user_id).where(Invitation.used_at.is_(None), Invitation.replaced_at.is_(None))
        ),
    )
    for user in db.session.scalars(waiting.execution_options(populate_existing=True)):
        # The link that went to the old address must not open anything any more.
        invitations.renew_invitation(user, work.actor, work.now)


def _values(change: Change) -> dict[str, object]:
    values = dict(change.values)
    if "surname" in values:
        names = (str(values["given_name"]), str(values["prefix"]), str(values["surname"]))
        values["sort_key"] = sort_key(*names)
    if change.field == "email":
        values["email_changed_by_self_at"] = None
    if change.field == "phone":
        values["phone_changed_by_self_at"] = None
    return values
