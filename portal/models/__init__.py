"""Every table, so that migrations see them all."""

from portal.models import (
    absence,
    accounts,
    albums,
    arrangements,
    audit,
    directory,
    groups,
    imports,
    jobs,
    meeting_talks,
    meeting_tidings,
    meetings,
    outbox,
    pupils,
    roster,
    school,
)

__all__ = [
    "absence",
    "accounts",
    "albums",
    "arrangements",
    "audit",
    "directory",
    "groups",
    "imports",
    "jobs",
    "meeting_talks",
    "meeting_tidings",
    "meetings",
    "outbox",
    "pupils",
    "roster",
    "school",
]
