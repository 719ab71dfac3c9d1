"""Who is signed in: read once for every page, with all that every page says about its reader."""

from functools import cache
from typing import Any

from flask import g
from sqlalchemy import Date, Select, and_, bindparam, exists, select

from portal import clock
from portal.access.conversations import unread_conversations
from portal.access.letters import unread_letters
from portal.access.tables import guardianship
from portal.access.viewers import Viewer, hash_of
from portal.extensions import fetch
from portal.models.accounts import LoginSession, StaffMember, User
from portal.models.school import School

SCHOOL_FACTS = (
    School.name,
    School.short_name,
    School.phone,
    School.email,
    School.starts_at,
    School.report_before,
    School.phone_from,
    School.late_sentence,
    School.hue,
    School.note_days,
    School.lists_for_parents,
    School.quiet_from,
    School.quiet_until,
    School.second_eyes,
    School.urgent_by,
    School.is_demo,
    School.calendar_mark,
)
"""What every page says of the school: read together with who is looking."""


@cache
def _session_query() -> Select[*tuple[Any, ...]]:
    return (
        select(
            User.id,
            User.given_name,
            User.prefix,
            User.surname,
            User.email,
            User.language,
            StaffMember.role,
            exists()
            .where(guardianship.user_id == User.id, guardianship.revoked_at.is_(None))
            .label("is_guardian"),
            exists()
            .where(
                guardianship.user_id == User.id,
                guardianship.revoked_at.is_(None),
                guardianship.has_authority,
            )
            .label("decides"),
            LoginSession.id,
            unread_letters(User.id, bindparam("today", type_=Date)).label("unread"),
            unread_conversations(User.id).label("unread_messages"),
            *SCHOOL_FACTS,
        )
        .join(LoginSession, LoginSession.user_id == User.id)
        .outerjoin(StaffMember, and_(StaffMember.user_id == User.id, StaffMember.left_at.is_(None)))
        .outerjoin(School, School.id == 1)
        .where(
            LoginSession.token_hash == bindparam("token_hash"),
            LoginSession.ended_at.is_(None),
            LoginSession.expires_at > bindparam("now"),
            User.disabled_at.is_(None),
        )
    )


def viewer_of_session(token: str) -> Viewer | None:
    """Return who is signed in with this cookie's token, or None when it ended, expired or was never given.

    Keeps what the page will say of the school, as a row in `g.school_row`.
    """
    rows = fetch(_session_query(), token_hash=hash_of(token), now=clock.now(), today=clock.today())
    if not rows:
        return None
    person, school = rows[0][: -len(SCHOOL_FACTS)], rows[0][-len(SCHOOL_FACTS) :]
    if school[0] is not None:
        g.school_row = school
    return Viewer(*person, token=token)
