"""Carry out a plan: adults, teachers, guardians, and what is changed of them and of pupils."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select

from portal.domain import hiding, invitations
from portal.domain.arrangement_history import note
from portal.domain.importers.rows import GuardianRow, TeacherRow
from portal.domain.left_addresses import leave_addresses
from portal.domain.open_requests import close_without_authority
from portal.domain.roster_guardians import revoke_guardianship
from portal.domain.roster_plan import AddTeacher, Change, Link
from portal.domain.roster_seats import links_made
from portal.domain.roster_staff import end_staff
from portal.domain.roster_work import Work, end_teachings, insert_rows, name_columns, update_rows
from portal.extensions import Base, db
from portal.models.accounts import Invitation, StaffMember, User
from portal.models.roster import Guardianship, Pupil, Teaching
from portal.names import sort_key
from portal.words import gettext

_MODELS: dict[str, type[Base]] = {"pupil": Pupil, "teacher": User, "guardian": User, "link": Guardianship}


def carry_out_adults(work: Work) -> None:
    """Make the adults who are new, and let teachers work here."""
    needed = {link.user for link in links_made(work.plan, work.ticked)}
    adults = [adult for adult in work.plan.adults if adult.token in needed]
    teachers = [
        step
        for step in work.plan.new_teachers
        if step.user.startswith("n") and (step.id in work.ticked or step.user in needed)
    ]
    rows = [
        *(_adult_row(adult.row, adult.email, work.now) for adult in adults),
        *(_adult_row(one.row, one.row.email, work.now) for one in teachers),
    ]
    tokens = [*(adult.token for adult in adults), *(step.user for step in teachers)]
    for token, number in zip(tokens, insert_rows(User, rows), strict=True):
        work.ids[token] = number
    _staff(work, [step for step in work.plan.new_teachers if step.id in work.ticked])
    update_rows(User, [{"id": user_id, "guardian_key": key} for user_id, key in work.plan.keys])


def _adult_row(row: GuardianRow | TeacherRow, email: str | None, now: datetime) -> dict[str, object]:
    guardian = row if isinstance(row, GuardianRow) else GuardianRow(())
    return {
        "guardian_key": guardian.key,
        **name_columns(row.given_name, row.prefix, row.surname),
        "initials": row.initials,
        "email": email,
        "phone": guardian.phone,
        "phone_e164": guardian.phone_e164,
        "language": "nl",
        "created_at": now,
    }


def _staff(work: Work, steps: list[AddTeacher]) -> None:
    numbers = {step.user: work.number(step.user) for step in steps}
    before = set(
        db.session.scalars(select(StaffMember.user_id).where(StaffMember.user_id.in_(numbers.values())))
    )
    new = [step for step in steps if numbers[step.user] not in before]
    insert_rows(
        StaffMember,
        [{"user_id": numbers[step.user], "staff_key": step.row.key, "role": "teacher"} for step in new],
    )
    update_rows(
        StaffMember,
        [
            {"id": numbers[step.user], "left_at": None, "role": "teacher", "staff_key": step.row.key}
            for step in steps
            if numbers[step.user] in before
        ],
    )


def carry_out_teaching(work: Work) -> None:
    """Give the teachers their groups, and let go who left."""
    steps = [step for step in work.plan.teaching if work.plan.is_on(step, work.ticked)]
    for step in steps:
        if step.ends:
            pair = (Teaching.user_id == work.number(step.user)) & (
                Teaching.group_id == work.number(step.group_token)
            )
            end_teachings(work, pair)
    insert_rows(
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


def carry_out_guardianships(work: Work) -> None:
    """End what the office ended, and give the new guardians their seats."""
    ending = [step.guardianship_id for step in work.plan.ending if step.id in work.ticked]
    said = gettext("Ticked when a list of the pupil administration was taken over.")
    for one in db.session.scalars(select(Guardianship).where(Guardianship.id.in_(ending))):
        revoke_guardianship(one, said, work.actor, work.now)
    made = list(_new_places(work, links_made(work.plan, work.ticked)))
    numbers = insert_rows(Guardianship, [_guardianship_row(work, *place) for place in made])
    hiding.hide_as_before(numbers)
    for place in made:
        _note_place(work, *place)
    _tell(work, {place[2]: number for place, number in zip(made, numbers, strict=True)})


def _note_place(work: Work, link: Link, pupil_id: int, user_id: int, _seat: int) -> None:
    """Keep in the pupil's history who came back, and whose authority the list denies."""
    if link.was_ended:
        note(pupil_id, user_id, "added", _said_by_list(), work.actor, work.now)
    if not link.has_authority and not link.stays_without:
        _note_authority(work, pupil_id, user_id, has_authority=False)


def _guardianship_row(work: Work, link: Link, pupil_id: int, user_id: int, seat: int) -> dict[str, object]:
    return {
        "pupil_id": pupil_id,
        "user_id": user_id,
        "seat": seat,
        "relation": link.relation,
        "has_authority": link.has_authority,
        "created_at": work.now,
    }


def _new_places(work: Work, links: list[Link]) -> Iterable[tuple[Link, int, int, int]]:
    """Give each new guardian a free seat: pupil, adult and seat; who finds none is left out, as was said."""
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
            yield link, pupil_id, user_id, free[0]


def _note_authority(work: Work, pupil_id: int, user_id: int, has_authority: bool) -> None:
    """Keep in the pupil's history that the list said who has authority (R21)."""
    what = "listed_authority" if has_authority else "listed_no_authority"
    note(pupil_id, user_id, what, _said_by_list(), work.actor, work.now)


def _said_by_list() -> str:
    return gettext("So it stands in the list of the pupil administration.")


def _note_changed_authority(work: Work, changes: list[Change]) -> None:
    wanted = {
        change.ident: bool(change.values["has_authority"])
        for change in changes
        if change.of == "link" and change.field == "authority"
    }
    for one in db.session.scalars(select(Guardianship).where(Guardianship.id.in_(wanted))):
        _note_authority(work, one.pupil_id, one.user_id, wanted[one.id])
        if not wanted[one.id]:
            close_without_authority(one, work.actor, work.now)


def _tell(work: Work, new: dict[int, int]) -> None:
    """Tell guardians who have a login already that a child was added."""
    known = db.session.scalars(select(User).where(User.id.in_(new), User.activated_at.is_not(None)))
    for user in known:
        guardianship = db.session.get(Guardianship, new[user.id])
        if guardianship is not None:
            invitations.tell_of_new_child(user, guardianship, work.now)


def carry_out_changes(work: Work) -> None:
    """Write the new values; addresses are let go first, so that two people can change places."""
    changes = [change for change in work.plan.changes if change.id in work.ticked]
    _note_changed_authority(work, changes)
    addresses = [change.ident for change in changes if change.field == "email"]
    leave_addresses(addresses, work.now)
    update_rows(User, [{"id": ident, "email": None} for ident in addresses])
    for of, model in _MODELS.items():
        rows: dict[int, dict[str, object]] = {}
        for change in changes:
            if change.of == of and not (of == "teacher" and change.field == "key"):
                rows.setdefault(change.ident, {"id": change.ident}).update(_values(change))
        update_rows(model, rows.values())
    update_rows(
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
        invitations.follow_address(user, work.actor, work.now)


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
