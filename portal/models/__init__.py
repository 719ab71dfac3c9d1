"""Every table, so that migrations see them all."""

from portal.models import absence, accounts, audit, imports, jobs, outbox, roster, school

__all__ = ["absence", "accounts", "audit", "imports", "jobs", "outbox", "roster", "school"]
