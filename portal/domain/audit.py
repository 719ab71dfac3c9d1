"""The record of who did what, kept inside the transaction that does it."""

from portal import clock
from portal.access import Viewer
from portal.extensions import add_row
from portal.models.audit import AuditEntry


def record(actor: Viewer | None, verb: str, subject: str = "", subject_id: int | None = None) -> None:
    """Note that `actor` (None: the system, or nobody signed in) did `verb` to `subject` `subject_id`."""
    add_row(
        AuditEntry,
        at=clock.now(),
        actor_id=actor.id if actor else None,
        verb=verb,
        subject=subject,
        subject_id=subject_id,
    )
