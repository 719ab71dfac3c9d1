"""What the groups of De Lindeboog tell their parents: their weeks, their news, how teachers are reached."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from sqlalchemy import bindparam, insert, update

from portal import clock
from portal.domain.demo.plan import Plan
from portal.domain.school_days import SchoolDays
from portal.domain.weeks import monday_of
from portal.extensions import db
from portal.models.accounts import StaffMember
from portal.models.groups import GroupNews, WeekItem

REACH = (
    "Op schooldagen antwoord ik vóór 16.30 uur.",
    "Even overleggen kan na school bij het hek.",
    "Liever bellen? Na 15.00 uur via het nummer van de school.",
)
WEEKLY = (
    (1, "gym", "gymschoenen"),
    (3, "bring", "fruit voor de fruitdag"),
    (4, "gym", ""),
    (5, "library", ""),
)
ONCE = (
    ("bring", "een lege schoenendoos"),
    ("other", "De schoolfotograaf komt."),
    ("bring", "regenlaarzen voor de moestuin"),
    ("other", "Wij gaan naar het museum, om 9.00 uur vertrekken wij."),
    ("bring", "een boek waar uw kind over wil vertellen"),
    ("library", "geleende boeken terug"),
)
NEWS = (
    (
        "Wij bouwen een stad",
        "Deze weken gaat alles in de klas over de stad: wij meten, tellen en tekenen straten.\n\n"
        "Hebt u nog schone melkpakken of kleine dozen? Wij kunnen ze goed gebruiken.",
    ),
    (
        "Rijders gezocht voor het uitje",
        "Wij gaan met de groep naar de kinderboerderij en zoeken vier ouders die kunnen rijden.\n\n"
        "Laat het aan ons weten bij het hek of per mail. Alvast veel dank.",
    ),
    ("De luizencontrole is geweest", "Er is niets gevonden. Dank aan de ouders die hielpen met controleren."),
    (
        "Voorlezen thuis",
        "Tien minuten voorlezen per dag helpt enorm, in elke taal die u thuis spreekt.\n\n"
        "Tips en boeken per leeftijd staan op https://voorlezen.example/thuis",
    ),
    (
        "Jassen en tassen",
        "Wilt u de naam van uw kind in jas en tas zetten? Dan raakt er minder zoek.",
    ),
    (
        "Foto's van het herfstproject",
        "De kinderen hebben in het bos gewerkt met bladeren, takken en klei. Het was koud en heel gezellig.",
    ),
    ("Nieuwe plek voor de fietsen", "De fietsen van onze groep staan voortaan links naast de ingang."),
)


def write_group_pages(
    plan: Plan, groups: list[int], day: date, days: SchoolDays, seed: int, now: datetime
) -> None:
    """Write what each group of this year tells, seen from a school day; `groups` are the groups' numbers."""
    random = Random(f"{seed} groups")  # noqa: S311
    teachers = [group.teachers[0][0].id for group in plan.groups]
    _write_reach(plan)
    items = [
        item
        for group_id, teacher in zip(groups, teachers, strict=True)
        for item in _items(group_id, teacher, day, days, random, now)
    ]
    db.session.execute(insert(WeekItem), items)
    news = [
        message
        for group_id, teacher in zip(groups, teachers, strict=True)
        for message in _news(group_id, teacher, days, random, now)
    ]
    db.session.execute(insert(GroupNews), news)


def _write_reach(plan: Plan) -> None:
    teachers = [adult for adult in plan.staff if adult.role == "teacher"]
    db.session.connection().execute(
        update(StaffMember)
        .where(StaffMember.user_id == bindparam("number"))
        .values(work_email=bindparam("address"), reach=bindparam("sentence")),
        [
            {"number": one.id, "address": one.email, "sentence": REACH[place % 4] if place % 4 < 3 else None}
            for place, one in enumerate(teachers)
        ],
    )


def _items(
    group_id: int, teacher: int, day: date, days: SchoolDays, random: Random, now: datetime
) -> Iterator[dict[str, Any]]:
    made = {"group_id": group_id, "made_by": teacher, "made_at": now - timedelta(days=30)}
    began = monday_of(day) - timedelta(weeks=8)
    move = random.randrange(5)
    for weekday, kind, text in WEEKLY:
        moved = (weekday + move - 1) % 5 + 1
        yield made | {"weekday": moved, "kind": kind, "text": text, "first_week": began, "last_week": None}
    once = random.sample(ONCE, 3)
    dates = [day, days.next_school_day(day), days.next_school_day(day + timedelta(days=5))]
    for (kind, text), when in zip(once, dates, strict=True):
        week = monday_of(when)
        yield made | {
            "weekday": when.isoweekday(),
            "kind": kind,
            "text": text,
            "first_week": week,
            "last_week": week,
        }


def _news(
    group_id: int, teacher: int, days: SchoolDays, random: Random, now: datetime
) -> Iterator[dict[str, Any]]:
    """The newest is of the last school day, the others of the weeks before; one of them was corrected."""
    today = clock.to_local(now).date()
    ago = 0
    for place, (title, text) in enumerate(random.sample(NEWS, len(NEWS))):
        hour = time(random.choice((12, 15, 16)), random.choice((5, 20, 45)))
        written_on = days.previous_school_day(today - timedelta(days=ago))
        posted = datetime.combine(written_on, hour, clock.SCHOOL_ZONE)
        yield {
            "group_id": group_id,
            "title": title,
            "text": text,
            "author_id": teacher,
            "posted_at": posted,
            "changed_at": posted + timedelta(minutes=25) if place == 1 else None,
        }
        ago += random.randrange(4, 12)
