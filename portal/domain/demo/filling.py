"""Writes the demo school into an empty database, table by table."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, cast

from sqlalchemy import exists, insert, select, update

from portal import clock
from portal.domain import invitations
from portal.domain.contact import phone_typed
from portal.domain.demo import (
    conversations,
    group_pages,
    history,
    letters,
    meetings,
    notices,
    pictures,
    pupils,
    sharing,
    today,
)
from portal.domain.demo.arrangements import write_arrangements
from portal.domain.demo.calendar_years import DemoYear, open_years
from portal.domain.demo.people import Adult
from portal.domain.demo.plan import Plan, plan_school
from portal.domain.passwords import hash_password
from portal.domain.roster_groups import group_sort_key, joined
from portal.domain.school_days import school_days
from portal.domain.settings import set_up_school
from portal.errors import Refused
from portal.extensions import Base, db
from portal.models.accounts import Invitation, StaffMember, User
from portal.models.outbox import OutgoingMessage
from portal.models.roster import Group, Guardianship, Membership, Pupil, Teaching
from portal.models.school import School
from portal.words import gettext as _

PASSWORD = "lindeboog-demo"  # noqa: S105
FAMILIES = 120
SEED = 1
YEARS = 2

JOINED_AGO = timedelta(days=100)
INVITED_AGO = {"link expired": timedelta(days=70)}
USUALLY_INVITED_AGO = timedelta(days=9)
BOUNCE = "5.1.1"


def has_school() -> bool:
    """Whether a school was set up in this database."""
    return bool(db.session.scalar(select(exists().where(School.id == 1))))


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """A login of the demo, as the command prints it."""

    email: str
    who: str


def has_pupils() -> bool:
    """Whether there is a roster in this database already."""
    return bool(db.session.scalar(select(exists().where(Pupil.id.is_not(None)))))


def fill_demo(families: int, seed: int, years: int, now: datetime) -> list[DemoAccount]:
    """Write the demo school, with as many school years as asked, and return its logins.

    The same numbers give the same school. Raises Refused when the database has pupils or a school.
    """
    if has_pupils():
        raise Refused(_("This database has pupils. A demo school only goes into an empty database."))
    plan = plan_school(families, Random(seed))  # noqa: S311
    set_up_school(
        "Basisschool De Lindeboog", now, short_name="De Lindeboog", phone="030 000 0000",
        email="administratie@lindeboog.example", region="midden", is_demo=True,
    )  # fmt: skip
    opened = open_years(clock.to_local(now).date(), years)
    _write_adults(plan, now)
    _write_groups(plan, opened)
    _write_pupils(plan, opened[0], now)
    _invite(plan, now)
    write_arrangements(plan, now)
    random = Random(f"{seed} earlier")  # noqa: S311
    history.write_earlier_years(plan, opened, random, now)
    day = clock.to_local(now).date()
    days = school_days(day)
    sharing.write_sharing(plan, opened, Random(f"{seed} sharing"), now)  # noqa: S311
    history.write_this_year(plan, opened[0], day, days, random)
    today.write_today(plan, days.first_school_day(day), days, now)
    group_pages.write_group_pages(plan, opened[0].groups, days.first_school_day(day), days, seed, now)
    pictures.write_albums(plan, opened[0], now)
    pupils.write_kept_of_pupils(plan, days, Random(f"{seed} pupils"), now)  # noqa: S311
    meetings.write_meetings(plan, opened[0].groups, day, days, seed, now)
    notices.choose_notices(plan, now)
    letters.write_letters(plan, opened[0].groups, opened[0].first_day, days, seed, now)
    conversations.write_conversations(plan, opened[0].groups, days, now)
    return _accounts(plan)


def _insert(table: type[Base], rows: Iterable[Mapping[str, Any]]) -> list[int]:
    """Insert rows and return their numbers, in the same order."""
    statement = insert(table).returning(cast(Any, table).id, sort_by_parameter_order=True)
    return list(db.session.scalars(statement, list(rows)))


# --- adults -----------------------------------------------------------------------------------------------


def _write_adults(plan: Plan, now: datetime) -> None:
    password_hash = hash_password(PASSWORD)
    joined_at = now - JOINED_AGO
    numbers = _insert(User, [_adult_row(adult, password_hash, joined_at) for adult in plan.adults])
    for adult, number in zip(plan.adults, numbers, strict=True):
        adult.id = number
    db.session.execute(
        insert(StaffMember),
        [{"user_id": one.id, "role": one.role, "called": one.called} for one in plan.staff],
    )


def _adult_row(adult: Adult, password_hash: str, joined_at: datetime) -> dict[str, Any]:
    phone, e164 = phone_typed(adult.phone)
    active = adult.way_in == "active"
    return {
        "given_name": adult.name.given_name,
        "prefix": adult.name.prefix,
        "surname": adult.name.surname,
        "sort_key": adult.name.sort_key,
        "email": adult.email,
        "phone": phone,
        "phone_e164": e164,
        "language": adult.language,
        "organisation": adult.organisation or None,
        "password_hash": password_hash if active else None,
        "created_at": joined_at,
        "activated_at": joined_at if active else None,
    }


def _invite(plan: Plan, now: datetime) -> None:
    """Invite who is not in yet by the school's own verb, and let the mails have gone long ago."""
    way_in = {adult.id: adult.way_in for adult in plan.guardians if adult.way_in != "active"}
    waiting = select(User).where(User.activated_at.is_(None)).order_by(User.id)
    for user in db.session.scalars(waiting).all():
        if way_in[user.id] == "not invited":
            continue
        moment = now - INVITED_AGO.get(way_in[user.id], USUALLY_INVITED_AGO)
        invitation: Invitation = invitations.invite(user, None, moment)
        if user.email is None:
            invitation.printed_at = moment + timedelta(hours=1)
    db.session.flush()
    delivered = OutgoingMessage.created_at
    db.session.execute(update(OutgoingMessage).values(sent_at=delivered, attempts=1))
    bounced = [number for number, how in way_in.items() if how == "bounced"]
    db.session.execute(
        update(OutgoingMessage)
        .where(OutgoingMessage.user_id.in_(bounced))
        .values(failed_at=delivered, failure=BOUNCE)
        .execution_options(synchronize_session=False)
    )
    db.session.expunge_all()


# --- groups and pupils ------------------------------------------------------------------------------------


def _write_groups(plan: Plan, years: list[DemoYear]) -> None:
    rows = [
        {
            "school_year_id": year.id,
            "name": group.name,
            "year_groups": joined(group.year_groups),
            "sort_key": group_sort_key(group.name, group.year_groups),
            "closed_at": year.closed_at,
        }
        for year in years
        for group in plan.groups
    ]
    numbers = iter(_insert(Group, rows))
    for year in years:
        year.groups = [next(numbers) for _group in plan.groups]
    db.session.execute(
        insert(Teaching),
        [
            {
                "user_id": teacher.id,
                "group_id": year.groups[number],
                "weekdays": weekdays,
                "started_on": year.first_day,
                "ended_on": year.last_day if year.closed_at else None,
            }
            for year in years
            for number, group in enumerate(plan.groups)
            for teacher, weekdays in group.teachers
        ],
    )


def _write_pupils(plan: Plan, year: DemoYear, now: datetime) -> None:
    numbers = _insert(
        Pupil,
        [
            {
                "given_name": child.name.given_name,
                "prefix": child.name.prefix,
                "surname": child.name.surname,
                "sort_key": child.name.sort_key,
                "birth_date": birth_date(child.year_group, year.first_day, number),
                "year_group": child.year_group,
                "created_at": now - JOINED_AGO,
            }
            for number, child in enumerate(plan.children)
        ],
    )
    for child, number in zip(plan.children, numbers, strict=True):
        child.id = number
    db.session.execute(
        insert(Membership),
        [
            {
                "pupil_id": child.id,
                "group_id": year.groups[child.group],
                "home": True,
                "started_on": year.first_day,
            }
            for child in plan.children
        ],
    )
    db.session.execute(
        insert(Guardianship),
        [
            {
                "pupil_id": child.id,
                "user_id": guard.adult.id,
                "seat": seat,
                "relation": guard.relation,
                "has_authority": guard.has_authority,
                "hidden_at": now - JOINED_AGO if guard.hides else None,
                "created_at": now - JOINED_AGO,
            }
            for child in plan.children
            for seat, guard in enumerate(child.guards, 1)
        ],
    )


def birth_date(year_group: int, year_begins: date, number: int) -> date:
    """Return a birthday that fits the year group: four years old in group 1, around the first of October."""
    turned_four = date(year_begins.year - 3 - year_group, 10, 1)
    return turned_four + timedelta(days=number * 37 % 365)


def _accounts(plan: Plan) -> list[DemoAccount]:
    """Return the logins in the order in which somebody who tries the demo wants them."""
    said: dict[int, list[str]] = defaultdict(list)
    for group in plan.groups:
        for teacher, _days in group.teachers:
            said[teacher.id].append(f"teaches {group.name}")
    for child in plan.children:
        name = child.name.given_name or child.name.full
        for guard in child.guards:
            said[guard.adult.id].append(f"parent of {name} ({plan.groups[child.group].name})")
    parents = [adult for adult in plan.guardians if adult.way_in == "active"]
    return [
        DemoAccount(one.email or "", f"{one.name.full}: {', '.join(said[one.id]) or one.role}")
        for one in [*parents, *plan.staff]
    ]
