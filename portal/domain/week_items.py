"""What happens in a week of a group: gym, library, what to bring.

The rows that say the same (weekday, kind and words) are one thing that happens in a set of weeks; whatever
the teacher does to it is done to that set (decision 015).
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, or_, select

from portal import access
from portal.access import Viewer
from portal.domain import audit
from portal.domain.school_days import FreePeriod, SchoolDays
from portal.domain.weeks import WEEK, Weeks, monday_of
from portal.errors import Refused
from portal.extensions import db, fetch
from portal.formatting import long_date
from portal.models.groups import WeekItem
from portal.models.roster import Group
from portal.words import gettext

ICONS = {"gym": "dumbbell", "library": "book-open", "bring": "backpack", "other": "star"}
KINDS = tuple(ICONS)
NEEDING_TEXT = ("bring", "other")
TEXT_LENGTH = 120
LOOK_AHEAD = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Entry:
    """What the teacher says of a weekday (1 is Monday): the kind, and a few words that may be ''."""

    weekday: int
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Item:
    """One thing of a day. `weekly`: it happens in the next week as well."""

    id: int
    weekday: int
    kind: str
    text: str
    weekly: bool

    @property
    def icon(self) -> str:
        """The icon of its kind."""
        return ICONS[self.kind]

    @property
    def label(self) -> str:
        """What stands before the words; '' when the words say it all."""
        return label_of(self.kind)

    @property
    def said(self) -> str:
        """All of it as one phrase inside a sentence."""
        return said(self.kind, self.text)


def label_of(kind: str) -> str:
    """Return 'Gym', 'Library', 'Bring along'; '' for what only its own words name."""
    labels = {"gym": gettext("Gym"), "library": gettext("Library"), "bring": gettext("Bring along")}
    return labels.get(kind, "")


def said(kind: str, text: str) -> str:
    """Return one thing as a phrase: 'gym (indoor shoes)', 'bring fruit'."""
    if kind == "bring":
        return gettext("bring along: %(what)s", what=text)
    if kind == "other":
        return text
    name = gettext("gym") if kind == "gym" else gettext("library")
    return f"{name} ({text})" if text else name


@dataclass(frozen=True, slots=True)
class Day:
    """A weekday of the group; `free` is the free period that it falls in, and then nothing else holds."""

    date: date
    free: FreePeriod | None
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Week:
    """The week of a group that begins on `monday`, as it stands seen from `today`."""

    monday: date
    today: date
    days: tuple[Day, ...]

    @property
    def is_over(self) -> bool:
        """Whether it can no longer be changed: it tells what has been."""
        return is_over(self.monday, self.today)

    @property
    def distance(self) -> int:
        """How many weeks it is away: 0 this one, 1 the next."""
        return (self.monday - monday_of(self.today)).days // 7

    @property
    def before(self) -> date:
        """The Monday before."""
        return self.monday - WEEK

    @property
    def after(self) -> date:
        """The Monday after."""
        return self.monday + WEEK

    @property
    def free(self) -> FreePeriod | None:
        """The free period that takes the whole week, or None."""
        first = self.days[0].free
        return first if first and all(day.free == first for day in self.days) else None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell."""
        return not any(day.items or day.free for day in self.days)


def is_over(monday: date, today: date) -> bool:
    """Whether a week is past."""
    return monday < monday_of(today)


def is_near(monday: date, today: date) -> bool:
    """Whether a week is near enough to look at and to plan for: a year either way."""
    return abs(monday - today) <= LOOK_AHEAD


def shown_week(today: date) -> date:
    """Return the Monday of the week a page begins with: this one, in the weekend the next."""
    return monday_of(today) if today.weekday() < 5 else monday_of(today) + WEEK


def week_of(viewer: Viewer, group_id: int, monday: date, today: date, days: SchoolDays) -> Week:
    """Return a week of a group, Monday to Friday, in one query."""
    query = _week_query(access.anyone_with(viewer.role))
    rows = fetch(query, viewer_id=viewer.id, group_id=group_id, monday=monday)
    items = [Item(row[0], row[1], row[2], row[3], row[4] is None or row[4] > monday) for row in rows]
    items.sort(key=lambda item: (KINDS.index(item.kind), item.id))
    dates = [monday + timedelta(days=number) for number in range(5)]
    return Week(monday, today, tuple(_day(day, items, days) for day in dates))


def _day(day: date, items: list[Item], days: SchoolDays) -> Day:
    free = days.period_of(day)
    held = () if free else tuple(item for item in items if item.weekday == day.isoweekday())
    return Day(day, free, held)


@cache
def _week_query(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    monday = bindparam("monday", type_=WeekItem.first_week.type)
    return select(WeekItem.id, WeekItem.weekday, WeekItem.kind, WeekItem.text, WeekItem.last_week).where(
        WeekItem.group_id == bindparam("group_id"),
        WeekItem.first_week <= monday,
        or_(WeekItem.last_week.is_(None), WeekItem.last_week >= monday),
        access.week_items_visible_to(viewer),
    )


def goes_on(item: WeekItem, monday: date) -> bool:
    """Whether a thing of a week also happens in later ones, also when not in every one of them."""
    return bool(_weeks_of(_rows(item.group_id, entry_of(item))) & Weeks.since(monday + WEEK))


def entry_of(item: WeekItem) -> Entry:
    """Return what a row says."""
    return Entry(item.weekday, item.kind, item.text)


def holds_in(item: WeekItem, monday: date) -> bool:
    """Whether a row holds in a week."""
    return item.first_week <= monday and (item.last_week is None or item.last_week >= monday)


# --- what the teacher does --------------------------------------------------------------------------------


def add_item(
    group: Group, entry: Entry, monday: date, weekly: bool, days: SchoolDays, actor: Viewer, now: datetime
) -> None:
    """Let something happen in one week, or in every week from that one on.

    Raises Refused for a free day, and for what that week has already.
    """
    _take(group.id)
    _refuse_free_day(entry, monday, days)
    rows = _rows(group.id, entry)
    known = _weeks_of(rows)
    wanted = Weeks.since(monday) if weekly else Weeks.only(monday)
    if monday in known and not (wanted - known):
        what, on = said(entry.kind, entry.text), long_date(monday + timedelta(days=entry.weekday - 1))
        what = what[:1].upper() + what[1:]
        raise Refused(
            gettext("%(what)s is there on %(day)s already. You can change it there.", what=what, day=on),
            "kind",
        )
    _keep(group.id, entry, rows, known | wanted, actor, now)
    audit.record(actor, "add_week_item", "group", group.id)


def change_item(
    item: WeekItem, entry: Entry, monday: date, onwards: bool, days: SchoolDays, actor: Viewer, now: datetime
) -> None:
    """Say it differently in one week, or from that week on; the other weeks stay as they are.

    From now on means: in the weeks in which it happens, and in every week when it was only in this one.
    Raises Refused when the day is free, or when somebody else has just changed it.
    """
    group_id = item.group_id
    before = _taken(item, monday)
    if entry.weekday != before.weekday:
        _refuse_free_day(entry, monday, days)
    rows = _rows(group_id, before)
    known = _weeks_of(rows)
    touched = known & (Weeks.since(monday) if onwards else Weeks.only(monday))
    wanted = Weeks.since(monday) if onwards and touched == Weeks.only(monday) else touched
    _keep(group_id, before, rows, known - touched, actor, now)
    others = _rows(group_id, entry)
    _keep(group_id, entry, others, _weeks_of(others) | wanted, actor, now)
    audit.record(actor, "change_week_item", "group", group_id)


def remove_item(item: WeekItem, monday: date, onwards: bool, actor: Viewer, now: datetime) -> None:
    """Take it out of one week, or out of that and all later ones. Raises Refused when it is gone already."""
    group_id = item.group_id
    entry = _taken(item, monday)
    rows = _rows(group_id, entry)
    gone = Weeks.since(monday) if onwards else Weeks.only(monday)
    _keep(group_id, entry, rows, _weeks_of(rows) - gone, actor, now)
    audit.record(actor, "remove_week_item", "group", group_id)


def _take(group_id: int) -> None:
    """Let one person at a time change the weeks of a group; on SQLite the write lock does that already."""
    db.session.scalars(select(Group.id).where(Group.id == group_id).with_for_update(key_share=True)).one()


def _taken(item: WeekItem, monday: date) -> Entry:
    """Take the group of a row and return what the row says now, when it still holds in the week."""
    number = item.id
    _take(item.group_id)
    query = select(WeekItem).where(WeekItem.id == number).execution_options(populate_existing=True)
    found = db.session.scalars(query).one_or_none()
    if found is None or not holds_in(found, monday):
        raise Refused(gettext("Somebody else has just changed this week. Look at it again."))
    return entry_of(found)


def _refuse_free_day(entry: Entry, monday: date, days: SchoolDays) -> None:
    free = days.period_of(monday + timedelta(days=entry.weekday - 1))
    if free:
        raise Refused(gettext("There is no school on that day: %(name)s.", name=free.name), "weekday")


def _rows(group_id: int, entry: Entry) -> list[WeekItem]:
    return list(
        db.session.scalars(
            select(WeekItem)
            .where(
                WeekItem.group_id == group_id,
                WeekItem.weekday == entry.weekday,
                WeekItem.kind == entry.kind,
                WeekItem.text == entry.text,
            )
            .order_by(WeekItem.first_week, WeekItem.id)
        )
    )


def _weeks_of(rows: list[WeekItem]) -> Weeks:
    return Weeks.of((row.first_week, row.last_week) for row in rows)


def _keep(
    group_id: int, entry: Entry, rows: list[WeekItem], weeks: Weeks, actor: Viewer, now: datetime
) -> None:
    """Let the rows that say this hold in exactly these weeks."""
    spans = weeks.spans()
    for row in rows[len(spans) :]:
        db.session.delete(row)
    while len(rows) < len(spans):
        rows.append(
            WeekItem(
                group_id=group_id,
                weekday=entry.weekday,
                kind=entry.kind,
                text=entry.text,
                made_by=actor.id,
                made_at=now,
            )
        )
        db.session.add(rows[-1])
    for row, (first, last) in zip(rows, spans, strict=False):
        row.first_week, row.last_week = first, last
    db.session.flush()
