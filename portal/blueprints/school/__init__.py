"""The office's pages."""

from portal.blueprints.school import (
    accounts,
    arrangements,
    calendar,
    groups,
    guardians,
    imports,
    pupils,
    releases,
    settings,
    staff,
)
from portal.blueprints.school.blueprint import bp

__all__ = [
    "accounts",
    "arrangements",
    "bp",
    "calendar",
    "groups",
    "guardians",
    "imports",
    "pupils",
    "releases",
    "settings",
    "staff",
]
