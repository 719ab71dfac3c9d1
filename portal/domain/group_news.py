"""The news of a group: short messages of its teachers, in plain text, the newest first."""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, func, select

from portal import access, names
from portal.access import Viewer
from portal.domain import audit
from portal.domain.sent_twice import SENT_TWICE
from portal.extensions import db, fetch
from portal.models.accounts import StaffMember, User
from portal.models.groups import GroupNews
from portal.models.roster import Group
from portal.paging import page_of

TITLE_LENGTH = 120
TEXT_LENGTH = 4000
ON_THE_PAGE = 5
A_PAGE = 10


@dataclass(frozen=True, slots=True)
class News:
    """One message. `author` as the group calls the teacher; `changed_at` when it was corrected."""

    id: int
    title: str
    text: str
    posted_at: datetime
    changed_at: datetime | None
    author: str

    @property
    def paragraphs(self) -> list[str]:
        """The text, cut at its empty lines."""
        return [part for part in re.split(r"\n\s*\n", self.text) if part]


def news_of(viewer: Viewer, group_id: int, page: int = 0) -> list[News]:
    """Return the newest messages of a group and one more than its page shows, or those of an older page."""
    limit, offset = (A_PAGE, A_PAGE * (page - 1)) if page else (ON_THE_PAGE + 1, 0)
    query = _news_query(access.anyone_with(viewer.role))
    rows = fetch(query, viewer_id=viewer.id, group_id=group_id, limit=limit, offset=offset)
    return [News(*(*row[:5], row[5] or names.full(*row[6:]))) for row in rows]


@cache
def _news_query(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    return (
        select(
            GroupNews.id,
            GroupNews.title,
            GroupNews.text,
            GroupNews.posted_at,
            GroupNews.changed_at,
            StaffMember.called,
            User.given_name,
            User.prefix,
            User.surname,
        )
        .join(User, User.id == GroupNews.author_id)
        .outerjoin(StaffMember, StaffMember.user_id == User.id)
        .where(GroupNews.group_id == bindparam("group_id"), access.news_visible_to(viewer))
        .order_by(GroupNews.posted_at.desc(), GroupNews.id.desc())
        .limit(bindparam("limit"))
        .offset(bindparam("offset"))
    )


def page_asked(viewer: Viewer, group_id: int, asked: int) -> tuple[int, int]:
    """Return which page of a group's news is shown of the one that was asked for, and how many there are."""
    query = select(func.count()).where(GroupNews.group_id == group_id, access.news_visible_to(viewer))
    return page_of(asked, db.session.scalar(query) or 0, A_PAGE)


def post_news(group: Group, title: str, text: str, actor: Viewer, now: datetime) -> GroupNews:
    """Tell the parents of a group something; a form that was sent twice posts it once."""
    db.session.scalars(select(Group.id).where(Group.id == group.id).with_for_update(key_share=True)).one()
    twin = db.session.scalars(
        select(GroupNews).where(
            GroupNews.group_id == group.id,
            GroupNews.author_id == actor.id,
            GroupNews.title == title,
            GroupNews.text == text,
            GroupNews.posted_at > now - SENT_TWICE,
            GroupNews.withdrawn_at.is_(None),
        )
    ).first()
    if twin:
        return twin
    news = GroupNews(group_id=group.id, title=title, text=text, author_id=actor.id, posted_at=now)
    db.session.add(news)
    db.session.flush()
    audit.record(actor, "post_news", "group_news", news.id)
    return news


def correct_news(news: GroupNews, title: str, text: str, actor: Viewer, now: datetime) -> None:
    """Change the words of a message; from then on it says that it was changed."""
    if (news.title, news.text) == (title, text):
        return
    news.title, news.text, news.changed_at = title, text, now
    db.session.flush()
    audit.record(actor, "correct_news", "group_news", news.id)


def withdraw_news(news: GroupNews, actor: Viewer, now: datetime) -> None:
    """Take a message back: from this moment nobody finds it any more."""
    news.withdrawn_at = now
    db.session.flush()
    audit.record(actor, "withdraw_news", "group_news", news.id)
