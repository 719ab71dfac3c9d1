"""What mails are about: of each kind some rows that are somebody's own and some that are others'."""

import os
from collections.abc import Iterator

from portal import clock
from portal.extensions import Base
from tests.privacy.readers import guardians
from tests.privacy.rows import Row, School

ABOUT = {
    "child_added": "guardianships",
    "document_released": "releases",
    "email_changed": "users",
    "information_answered": "information_requests",
    "invitation": "invitations",
    "letter": "letters",
    "letter_digest": "letters",
    "letter_reminder": "letters",
    "letter_urgent": "letters",
    "letter_to_approve": "letters",
    "letter_returned": "letters",
    "slip_reminder": "letters",
    "login": "mail_keys",
    "meeting_changed": "meeting_rounds",
    "meeting_offered": "slot_offers",
    "meeting_opened": "meeting_rounds",
    "meeting_reminder": "meeting_rounds",
    "meeting_reported": "talk_reports",
    "meeting_tomorrow": "meeting_rounds",
    "meeting_withdrawn": "meeting_rounds",
    "message": "conversation_messages",
    "new_email": "mail_keys",
    "password": "mail_keys",
    "password_changed": "users",
    "request_decided": "change_requests",
}
"""Of which table the row is that a kind of mail is about."""
AT_SCHOOL = {
    "letter_to_approve": lambda row, adult: row["approval_asked_at"] and not row["sent_at"],
    "letter_returned": lambda row, adult: row["returned_at"] and row["author_id"] == adult,
}
"""Which letters a mail at school could be about."""
OWN, OTHERS = (6, 4) if os.environ.get("PROVE_ALL") else (2, 2)


def subjects_of(world: School, kind: str, adult: int) -> Iterator[int]:
    """Yield the numbers of rows that a mail of a kind to an adult could be about, and should not be."""
    table = ABOUT[kind]
    own = [row for row in world.rows[table] if is_about(world, table, row, adult)]
    others = [row for row in world.rows[table] if row not in own]
    if kind in AT_SCHOOL:
        own = [row for row in world.rows[table] if AT_SCHOOL[kind](row, adult)]
    if kind == "meeting_withdrawn":
        others.sort(key=lambda row: not row["withdrawn_at"])
    for row in (*own[:OWN], *others[:OTHERS]):
        yield row["id"]


def key_of(world: School, kind: str, adult: int, number: int) -> str | None:
    """Return the key that a mail of a kind is queued with, where what it tells depends on that."""
    if kind != "meeting_tomorrow":
        return None
    day = clock.to_local(world.rows["bookings"][0]["starts_at"]).date()
    return f"{kind}:{number}:{day.isoformat()}:{adult}"


def is_about(world: School, table: str, row: Row, adult: int) -> bool:
    if "invitee_id" in row:
        talk = world.one("meeting_invitees", id=row["invitee_id"])
        return talk["ended_at"] is None and adult in guardians(world, talk["pupil_id"])
    if table == "users":
        return row["id"] == adult
    if table == "letters":
        return bool(world.of("letter_children", letter_id=row["id"], user_id=adult))
    if table == "conversation_messages":
        return bool(world.of("conversations", id=row["conversation_id"], guardian_id=adult))
    keys = [column.name for column in Base.metadata.tables[table].columns if column.foreign_keys]
    return adult in [row[name] for name in keys if name in ("user_id", "asked_by")]
