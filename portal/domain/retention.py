"""What goes when it is not needed any more and no area deletes by itself (R18, decision 026).

Every function deletes a portion and answers True when there may be more.
"""

from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, or_, select, tuple_

from portal import clock
from portal.domain.absence_retention import kept_since
from portal.extensions import Base, db
from portal.models.accounts import StaffMember, User
from portal.models.arrangements import ArrangementEntry, Barring, InformationRequest, Release
from portal.models.audit import AuditEntry
from portal.models.conversations import Conversation
from portal.models.directory import ContactDetails, SharedField
from portal.models.groups import GroupNews, WeekItem
from portal.models.notices import MailTrouble, NoticeChoice
from portal.models.roster import Group, Guardianship, Pupil
from portal.models.school import SchoolYear

AT_ONCE = 500
FILES_AT_ONCE = 20
"""A released file is large, and what is deleted is written over while nobody else can write on SQLite."""

YEAR = timedelta(days=365)
DETAILS_KEPT = timedelta(days=30)


def years_to_forget(now: datetime) -> Select[int]:
    """Return the school years that ended more than a year ago: what was told and said in them goes (R18)."""
    return select(SchoolYear.id).where(SchoolYear.last_day < clock.to_local(now).date() - YEAR)


def end_of_year_before(moment: datetime) -> datetime:
    """Return the end of the last school year that was over at a moment; a year before it if none was."""
    day = clock.to_local(moment).date()
    ended = db.session.scalar(select(func.max(SchoolYear.last_day)).where(SchoolYear.last_day < day))
    if ended is None:
        return moment - YEAR
    return datetime.combine(ended + timedelta(days=1), time(), clock.SCHOOL_ZONE)


def delete_old_tidings(now: datetime) -> bool:
    """Delete the news and the week of groups whose school year ended more than a year ago."""
    old = select(Group.id).where(Group.school_year_id.in_(years_to_forget(now)))
    return any(delete_some(table, table.id, table.group_id.in_(old)) for table in (GroupNews, WeekItem))


def delete_old_conversations(now: datetime) -> bool:
    """Delete what guardians and teachers wrote to each other, and its files, a year after its school year."""
    old = Conversation.school_year_id.in_(years_to_forget(now))
    return delete_some(Conversation, Conversation.id, old, at_once=FILES_AT_ONCE)


def delete_old_arrangements(now: datetime) -> bool:
    """Delete what school decided about and told guardians of pupils who left, when their absence goes too.

    Who may have no contact stays on record while that person belongs to the school: it also keeps the
    other guardian of that pupil from being seen.
    """
    limit = datetime.combine(kept_since(now), time(), clock.SCHOOL_ZONE)
    left = select(Pupil.id).where(Pupil.archived_at < limit)
    holds = and_(Barring.lifted_at.is_(None), _belonged(Barring.user_id, now))
    # A release names the request that it answers, so it goes first.
    return (
        delete_some(Release, Release.id, Release.pupil_id.in_(left), at_once=FILES_AT_ONCE)
        or delete_some(InformationRequest, InformationRequest.id, InformationRequest.pupil_id.in_(left))
        or delete_some(Barring, Barring.id, Barring.pupil_id.in_(left), ~holds)
        or delete_some(ArrangementEntry, ArrangementEntry.id, ArrangementEntry.pupil_id.in_(left))
    )


def delete_details_of_who_left(now: datetime) -> bool:
    """Delete what adults without a place at school chose to show at once, and their details after 30 days.

    A mistake in an import is mended within that time, and then nothing has to be typed again.
    """
    shown = tuple_(SharedField.user_id, SharedField.group_id, SharedField.field)
    return delete_some(SharedField, shown, ~_belonged(SharedField.user_id, now)) or any(
        delete_some(table, table.user_id, ~_belonged(table.user_id, now - DETAILS_KEPT))
        for table in (ContactDetails, NoticeChoice, MailTrouble)
    )


def delete_old_mail_trouble(now: datetime) -> bool:
    """Delete that mail came back from an address that is nobody's any more, or a year ago."""
    still = exists().where(User.id == MailTrouble.user_id, User.email == MailTrouble.address)
    return delete_some(MailTrouble, MailTrouble.user_id, or_(~still, MailTrouble.last_at < now - YEAR))


def forget_who_did_what(now: datetime) -> bool:
    """Delete the record of who did what after a year."""
    return delete_some(AuditEntry, AuditEntry.id, AuditEntry.at < now - YEAR)


def _belonged(user_id: Any, since: datetime) -> ColumnElement[bool]:
    """Whether an adult was guardian of a pupil at school, or worked here, at some time since then."""
    guards = exists().where(
        Guardianship.user_id == user_id,
        or_(Guardianship.revoked_at.is_(None), Guardianship.revoked_at >= since),
        Pupil.id == Guardianship.pupil_id,
        or_(Pupil.archived_at.is_(None), Pupil.archived_at >= since),
    )
    works = exists().where(
        StaffMember.user_id == user_id,
        or_(StaffMember.left_at.is_(None), StaffMember.left_at >= since),
    )
    return or_(guards, works)


def delete_some(
    table: type[Base], key: Any, *conditions: ColumnElement[bool], at_once: int | None = None
) -> bool:
    """Delete rows of a table by their key; True when there may be more."""
    most = at_once or AT_ONCE
    columns = key.clauses if isinstance(key, type(tuple_())) else [key]
    some = select(*columns).where(*conditions).order_by(*columns).limit(most)
    statement = delete(table).where(key.in_(some)).returning(columns[0])
    gone = db.session.execute(statement.execution_options(synchronize_session=False)).all()
    return len(gone) == most
