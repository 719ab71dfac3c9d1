"""What the groups of somebody's children tell about today and tomorrow, and their newest news."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Date, DateTime, Integer, Select, and_, bindparam, literal, null, or_, select, union_all

from portal import access
from portal.access import Viewer
from portal.domain.school_days import SchoolDays
from portal.domain.week_items import ICONS, KINDS, said
from portal.domain.weeks import monday_of
from portal.extensions import UtcDateTime, fetch
from portal.models.groups import GroupNews, WeekItem
from portal.models.roster import Group, Guardianship, Membership, Pupil

NEWS_FOR = timedelta(days=3)


@dataclass(slots=True)
class DayTidings:
    """What happens on a day, as phrases; `icon` is that of the first."""

    day: date
    icon: str
    phrases: list[str]


@dataclass(frozen=True, slots=True)
class NewsTidings:
    """The title of a message and the group that it was written for."""

    id: int
    title: str
    group_id: int
    group: str


@dataclass(slots=True)
class Tidings:
    """What a child's groups tell: day by day, and their newest message of the last days."""

    days: list[DayTidings] = field(default_factory=list)
    news: NewsTidings | None = None


def tidings_of(viewer: Viewer, today: date, days: SchoolDays, now: datetime) -> dict[int, Tidings]:
    """Return what is told about today and tomorrow by the number of each child it is for, in one query."""
    wanted = [today, today + timedelta(days=1)]
    asked: dict[str, object] = {"since": now - NEWS_FOR}
    for number, day in enumerate(wanted):
        asked[f"weekday{number}"] = day.isoweekday() if days.is_school_day(day) else 0
        asked[f"monday{number}"] = monday_of(day)
    query = _tidings_query(access.anyone_with(viewer.role))
    rows = fetch(query, viewer_id=viewer.id, **asked)
    rows.sort(key=lambda row: (row[4], KINDS.index(row[5]) if row[4] else 0))
    tidings: dict[int, Tidings] = {}
    for pupil_id, row_id, group_id, group, weekday, kind, text in rows:
        mine = tidings.setdefault(pupil_id, Tidings())
        if not weekday:
            mine.news = mine.news or NewsTidings(row_id, text, group_id, group)
            continue
        day = next(day for day in wanted if day.isoweekday() == weekday)
        if not mine.days or mine.days[-1].day != day:
            mine.days.append(DayTidings(day, ICONS[kind], []))
        mine.days[-1].phrases.append(said(kind, text))
    return tidings


@cache
def _tidings_query(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    """Both kinds in one, from the own children outwards; a message has weekday 0 and its title as text."""
    items = _of_own_children(
        viewer,
        WeekItem,
        WeekItem.weekday.label("weekday"),
        WeekItem.kind.label("kind"),
        WeekItem.text.label("text"),
        null().cast(DateTime(timezone=True)).label("moment"),
    ).where(access.week_items_visible_to(viewer), or_(_holds_on(0), _holds_on(1)))
    news = _of_own_children(
        viewer, GroupNews, literal(0), literal(""), GroupNews.title, GroupNews.posted_at
    ).where(access.news_visible_to(viewer), GroupNews.posted_at > bindparam("since", type_=UtcDateTime))
    both = union_all(items, news).subquery()
    return select(*(column for column in both.c if column is not both.c.moment)).order_by(
        both.c.weekday, both.c.moment.desc(), both.c.id
    )


def _of_own_children(
    viewer: Viewer, table: type[WeekItem] | type[GroupNews], *columns: Any
) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Pupil.id.label("pupil_id"), table.id.label("id"), Group.id.label("group_id"), Group.name, *columns
        )
        .select_from(Guardianship)
        .join(Pupil, Pupil.id == Guardianship.pupil_id)
        .join(Membership, and_(Membership.pupil_id == Pupil.id, Membership.ended_on.is_(None)))
        .join(Group, Group.id == Membership.group_id)
        .join(table, table.group_id == Group.id)
        .where(
            Guardianship.user_id == viewer.id,
            Guardianship.revoked_at.is_(None),
            access.pupils_in_authority_of(viewer),
        )
    )


def _holds_on(number: int) -> Any:
    monday = bindparam(f"monday{number}", type_=Date)
    return and_(
        WeekItem.weekday == bindparam(f"weekday{number}", type_=Integer),
        WeekItem.first_week <= monday,
        or_(WeekItem.last_week.is_(None), WeekItem.last_week >= monday),
    )
