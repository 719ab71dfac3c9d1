"""The office's pages."""

from portal.blueprints.school import accounts, calendar, groups, guardians, imports, pupils, settings, staff
from portal.blueprints.school.blueprint import bp

__all__ = ["accounts", "bp", "calendar", "groups", "guardians", "imports", "pupils", "settings", "staff"]
